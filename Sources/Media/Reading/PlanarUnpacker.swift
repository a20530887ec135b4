import CLibAV
import Picture

/// Brings decoded frames into planar form, without loss and without knowing formats by name.
///
/// The library describes each component of a format by plane, first byte, step, shift and depth; that is enough to
/// gather the samples of semi-planar, packed, high-aligned and big-endian layouts. Frames that are planar already keep
/// the decoder's memory.
struct PlanarUnpacker {
    let layout: FrameLayout
    /// The format that is taken.
    let source: AVPixelFormat
    private let isPlanar: Bool
    private let pool: FramePool?

    /// - Throws: `unsupported` for formats without a planar form.
    init(size: PictureSize, source: AVPixelFormat) throws(MediaError) {
        let name = libraryName(source)
        guard let format = PixelFormat.planarForm(of: source) else { throw .unsupported(.pixelFormat(name)) }
        layout = FrameLayout(size: size, format: format)
        self.source = source
        isPlanar = PixelFormat(name: name) == format
        pool = isPlanar ? nil : try FramePool(layout: layout)
    }

    /// - Precondition: the frame has the size and the format this unpacker is for.
    func unpack(_ frame: consuming DecodedFrame) throws(MediaError) -> Frame {
        if isPlanar, hasDescendingRows(frame) == false { return Frame(raw: frame.release(), layout: layout) }
        let pool = if let pool { pool } else { try FramePool(layout: layout) }
        var unpacked = try pool.frame()
        try check(av_frame_copy_props(unpacked.raw, frame.raw), "av_frame_copy_props")
        // Properties bring neither format nor size along, except for what the name of a yuvj format says.
        if PixelFormat.isFullRangeByName(frame.format) { unpacked.raw.pointee.color_range = AVCOL_RANGE_JPEG }
        guard let descriptor = av_pix_fmt_desc_get(source) else { throw .unsupported(.pixelFormat("unknown")) }
        let isPalette = descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0
        for plane in 0..<layout.format.planeCount {
            if isPalette {
                lookUp(plane, from: frame, into: &unpacked)
            } else {
                gather(plane, from: frame, descriptor, into: &unpacked)
            }
        }
        return unpacked
    }

    private func hasDescendingRows(_ frame: borrowing DecodedFrame) -> Bool {
        for plane in 0..<layout.format.planeCount where remaster_frame_linesize(frame.raw, Int32(plane)) < 0 { return true }
        return false
    }

    /// Component of the source that becomes a plane: the library counts R, G, B; planes are G, B, R.
    private func component(of plane: Int, count: Int) -> Int {
        guard layout.format.model == .rgb, plane < 3 else { return min(plane, count - 1) }
        return [1, 2, 0][plane]
    }

    /// Takes G, B or R of a palette of 256 words 0xAARRGGBB in the machine's byte order.
    private func lookUp(_ plane: Int, from frame: borrowing DecodedFrame, into unpacked: inout Frame) {
        guard let base = remaster_frame_data(frame.raw, 0), let words = remaster_frame_data(frame.raw, 1) else { return }
        let pitch = Int(remaster_frame_linesize(frame.raw, 0))
        let shift = [8, 0, 16][plane]
        let palette = (0..<256).map {
            UnsafeRawPointer(words).loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) >> UInt32(shift) & 0xFF
        }
        let size = layout.planeSize(plane)
        unpacked.withWritablePlane(plane) { bytes, bytesPerRow in
            bytes.withUnsafeMutableBytes { target in
                for row in 0..<size.height {
                    let line = UnsafeRawPointer(base) + row * pitch
                    for column in 0..<size.width {
                        let index = Int(line.load(fromByteOffset: column, as: UInt8.self))
                        target[row * bytesPerRow + column] = UInt8(palette[index])
                    }
                }
            }
        }
    }

    private func gather(
        _ plane: Int, from frame: borrowing DecodedFrame, _ descriptor: UnsafePointer<AVPixFmtDescriptor>, into unpacked: inout Frame
    ) {
        let component = remaster_component(descriptor, Int32(component(of: plane, count: Int(descriptor.pointee.nb_components)))).pointee
        guard let base = remaster_frame_data(frame.raw, component.plane) else { return }
        let pitch = Int(remaster_frame_linesize(frame.raw, component.plane))
        let size = layout.planeSize(plane)
        let (step, offset, shift, depth) = (Int(component.step), Int(component.offset), Int(component.shift), Int(component.depth))
        let mask = UInt32(1) << UInt32(depth) - 1
        let isBigEndian = descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BE) != 0
        // As many bytes as the component's bits, and those below it, span: 1, 2 or (10-bit packed RGB) 4.
        let span = shift + depth
        unpacked.withWritablePlane(plane) { bytes, bytesPerRow in
            bytes.withUnsafeMutableBytes { target in
                for row in 0..<size.height {
                    let line = UnsafeRawPointer(base) + row * pitch + offset
                    for column in 0..<size.width {
                        let sample = line + column * step
                        let word: UInt32 =
                            switch span {
                            case ...8: UInt32(sample.load(as: UInt8.self))
                            case ...16: UInt32(Self.endian(sample.loadUnaligned(as: UInt16.self), isBigEndian))
                            default: Self.endian(sample.loadUnaligned(as: UInt32.self), isBigEndian)
                            }
                        var value = word >> UInt32(shift) & mask
                        if depth < 8 { value = (value * 255 + mask / 2) / mask }
                        if depth > 8 {
                            target.storeBytes(of: UInt16(value).littleEndian, toByteOffset: row * bytesPerRow + column * 2, as: UInt16.self)
                        } else {
                            target.storeBytes(of: UInt8(value), toByteOffset: row * bytesPerRow + column, as: UInt8.self)
                        }
                    }
                }
            }
        }
    }

    private static func endian<Word: FixedWidthInteger>(_ word: Word, _ isBigEndian: Bool) -> Word {
        isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
    }
}
