import Picture

/// Samples of a field as the network was trained on them: 8-bit codes c as (c − 16) / 219, deeper ones in proportion,
/// every plane alike, so that a code comes back as it went in.
struct FieldCodes {
    private let isWide: Bool
    private let scale: Float
    private let offset: Float
    private let largest: Float

    init(format: PixelFormat) {
        isWide = format.bytesPerSample == 2
        let unit = Float(1 << (format.bitDepth - 8))
        (scale, offset, largest) = (219 * unit, 16 * unit, Float((1 << format.bitDepth) - 1))
    }

    /// Reads every second line of a plane from line `first` on; where the plane has one line less its last one stands twice.
    func read(
        _ view: FieldInterpolator.PlaneView, size: PictureSize, from first: Int, lines: Int, into target: UnsafeMutableBufferPointer<Float>
    ) {
        let last = max((size.height - 1 - first) / 2, 0)
        for line in 0..<lines {
            let y = min(2 * min(line, last) + first, size.height - 1)
            let row = y * view.bytesPerRow
            let out = line * size.width
            if isWide {
                for x in 0..<size.width {
                    let code = UInt16(littleEndian: view.bytes.loadUnaligned(fromByteOffset: row + 2 * x, as: UInt16.self))
                    target[out + x] = (Float(code) - offset) / scale
                }
            } else {
                for x in 0..<size.width { target[out + x] = (Float(view.bytes[row + x]) - offset) / scale }
            }
        }
    }

    /// Rounds samples to the nearest code.
    func write(_ samples: UnsafeBufferPointer<Float>, into line: UnsafeMutableRawBufferPointer) {
        for (x, sample) in samples.enumerated() {
            let code = min(max((sample * scale + offset).rounded(), 0), largest)
            if isWide {
                line.storeBytes(of: UInt16(code).littleEndian, toByteOffset: 2 * x, as: UInt16.self)
            } else {
                line[x] = UInt8(code)
            }
        }
    }
}
