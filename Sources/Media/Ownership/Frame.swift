import CLibAV
package import Picture

/// Unique owner of one picture in memory: planes with padded rows, its place in time, and how it means color.
///
/// `@unchecked Sendable`: the pointer never leaves its owner, and an owner cannot be copied; the planes it shares with a
/// decoder are only read, and `withWritablePlane` makes them its own first.
package struct Frame: ~Copyable, @unchecked Sendable {
    let raw: UnsafeMutablePointer<AVFrame>
    package let layout: FrameLayout
    /// Number of the frame in its file, in presentation order from 0; 0 for a fresh frame.
    package var index = 0
    /// In ticks of the timebase its reader or encoder works in.
    package var presentationTime: Int64 = 0
    /// In the same ticks; 0 when unknown.
    package var duration: Int64 = 0

    /// Takes over `raw`, whose planes already have `layout`.
    init(raw: UnsafeMutablePointer<AVFrame>, layout: FrameLayout) {
        self.raw = raw
        self.layout = layout
    }

    deinit {
        var raw: UnsafeMutablePointer<AVFrame>? = raw
        av_frame_free(&raw)
    }

    /// Another owner of the same picture; the planes are shared until one of the two is written to.
    package borrowing func duplicate() throws(MediaError) -> Frame {
        guard let copy = av_frame_clone(raw) else { throw .outOfMemory }
        var frame = Frame(raw: copy, layout: layout)
        (frame.index, frame.presentationTime, frame.duration) = (index, presentationTime, duration)
        return frame
    }

    /// Another owner of the first planes of the same picture, which go by another layout; no sample is copied or changed. So alpha is
    /// left out, and luma stands alone as gray, in 16 bits where the samples have more than 8.
    ///
    /// - Throws: `wrongFrame` where the planes of `other` are not the frame's first ones, of the same size and as many bytes a sample;
    ///   `unsupported` for a format the library does not know, `outOfMemory`.
    package borrowing func sharing(_ other: FrameLayout) throws(MediaError) -> Frame {
        let (own, count) = (layout, other.format.planeCount)
        guard count <= own.format.planeCount, other.format.bytesPerSample == own.format.bytesPerSample,
            (0..<count).allSatisfy({ own.planeSize($0) == other.planeSize($0) })
        else { throw .wrongFrame(.otherLayout) }
        let format = try other.format.library()
        guard let copy = av_frame_clone(raw) else { throw .outOfMemory }
        var frame = Frame(raw: copy, layout: other)
        (frame.index, frame.presentationTime, frame.duration) = (index, presentationTime, duration)
        copy.pointee.format = format.rawValue
        for plane in count..<own.format.planeCount {
            withUnsafeMutableBytes(of: &copy.pointee.data) { slots in
                slots.storeBytes(of: 0, toByteOffset: plane * MemoryLayout<UInt>.stride, as: UInt.self)
            }
            withUnsafeMutableBytes(of: &copy.pointee.linesize) { slots in
                slots.storeBytes(of: 0, toByteOffset: plane * MemoryLayout<Int32>.stride, as: Int32.self)
            }
        }
        return frame
    }

    /// As the bitstream or the container says; unspecified where they are silent.
    package var colorTags: ColorTags { ColorTags(raw.pointee) }

    package var fieldOrder: FieldOrder {
        if raw.pointee.interlaced_frame == 0 { return .progressive }
        return raw.pointee.top_field_first != 0 ? .topFirst : .bottomFirst
    }

    /// Mastering display and light level that the bitstream attaches to this frame.
    package var hdr: StaticHDRMetadata { StaticHDRMetadata(frame: raw) }

    /// Bytes from one row of a plane to the next; at least `layout.rowBytes(plane)`.
    package func bytesPerRow(_ plane: Int) -> Int { Int(remaster_frame_linesize(raw, Int32(plane))) }

    private func extent(_ plane: Int) -> Int {
        let height = layout.planeSize(plane).height
        return height == 0 ? 0 : bytesPerRow(plane) * (height - 1) + layout.rowBytes(plane)
    }

    /// Lends the bytes of a plane, from the first sample of its first row to the last of its last.
    ///
    /// - Precondition: 0 ≤ `plane` < `layout.format.planeCount`.
    package borrowing func withPlane<R, E: Error>(_ plane: Int, _ body: (RawSpan, _ bytesPerRow: Int) throws(E) -> R) throws(E) -> R {
        precondition(plane >= 0 && plane < layout.format.planeCount, "no plane \(plane) in \(layout.format)")
        let bytes = UnsafeRawBufferPointer(start: remaster_frame_data(raw, Int32(plane)), count: extent(plane))
        return try body(bytes.bytes, bytesPerRow(plane))
    }

    /// Lends the bytes of a plane for writing; they are first made the frame's own where a decoder shares them.
    ///
    /// - Precondition: 0 ≤ `plane` < `layout.format.planeCount`.
    package mutating func withWritablePlane<R, E: Error>(
        _ plane: Int, _ body: (inout MutableRawSpan, _ bytesPerRow: Int) throws(E) -> R
    ) throws(E) -> R {
        precondition(plane >= 0 && plane < layout.format.planeCount, "no plane \(plane) in \(layout.format)")
        // Fails only without memory; every later use of the frame would then be wrong.
        precondition(av_frame_make_writable(raw) >= 0, "out of memory")
        let bytes = UnsafeMutableRawBufferPointer(start: remaster_frame_data(raw, Int32(plane)), count: extent(plane))
        var span = bytes.mutableBytes
        return try body(&span, bytesPerRow(plane))
    }

    /// Copies the rows of a plane to rows that are `bytesPerRow` apart; what lies between stays untouched.
    ///
    /// - Precondition: `destination` has room for the rows.
    package borrowing func copyPlane(_ plane: Int, into destination: UnsafeMutableRawBufferPointer, bytesPerRow: Int) {
        let (rowBytes, height) = (layout.rowBytes(plane), layout.planeSize(plane).height)
        precondition(bytesPerRow >= rowBytes && destination.count >= bytesPerRow * (height - 1) + rowBytes, "no room for plane \(plane)")
        guard let target = destination.baseAddress, let source = remaster_frame_data(raw, Int32(plane)) else { return }
        let step = self.bytesPerRow(plane)
        for row in 0..<height { (target + row * bytesPerRow).copyMemory(from: source + row * step, byteCount: rowBytes) }
    }

    /// Fills a plane from rows that are `bytesPerRow` apart.
    ///
    /// - Precondition: `source` has all rows.
    package mutating func fillPlane(_ plane: Int, from source: UnsafeRawBufferPointer, bytesPerRow: Int) {
        let (rowBytes, height) = (layout.rowBytes(plane), layout.planeSize(plane).height)
        precondition(bytesPerRow >= rowBytes && source.count >= bytesPerRow * (height - 1) + rowBytes, "too few bytes for plane \(plane)")
        precondition(av_frame_make_writable(raw) >= 0, "out of memory")
        guard let start = source.baseAddress, let target = remaster_frame_data(raw, Int32(plane)) else { return }
        let step = self.bytesPerRow(plane)
        for row in 0..<height {
            UnsafeMutableRawPointer(target + row * step).copyMemory(from: start + row * bytesPerRow, byteCount: rowBytes)
        }
    }
}
