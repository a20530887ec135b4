import Picture

/// Samples of a plane as networks were trained on them: 8-bit codes c as (c − 16) / 219, deeper ones in proportion, every
/// plane alike, so that a code comes back as it went in; or on another scale.
struct NetworkCodes {
    private let isWide: Bool
    private let scale: Float
    private let offset: Float
    private let largest: Float

    /// - Parameters:
    ///   - scale: codes of 8 bits that are 1.
    ///   - offset: the code of 8 bits that is 0.
    init(format: PixelFormat, scale: Float = 219, offset: Float = 16) {
        isWide = format.bytesPerSample == 2
        let unit = Float(1 << (format.bitDepth - 8))
        (self.scale, self.offset, largest) = (scale * unit, offset * unit, Float((1 << format.bitDepth) - 1))
    }

    /// Reads every second line of a plane from line `first` on; where the plane has one line less its last one stands twice.
    func readField(_ view: PlaneView, size: PictureSize, from first: Int, lines: Int, into target: UnsafeMutableBufferPointer<Float>) {
        let last = max((size.height - 1 - first) / 2, 0)
        for line in 0..<lines {
            let y = min(2 * min(line, last) + first, size.height - 1)
            readLine(view, y, width: size.width, into: UnsafeMutableBufferPointer(rebasing: target[(line * size.width)...]))
        }
    }

    /// Reads a plane into one of at least its size; beyond the right and the lower border the picture is mirrored.
    func readPlane(_ view: PlaneView, size: PictureSize, extended: PictureSize, into target: UnsafeMutableBufferPointer<Float>) {
        for row in 0..<extended.height {
            let line = UnsafeMutableBufferPointer(rebasing: target[(row * extended.width)...].prefix(extended.width))
            readLine(view, Self.mirrored(row, size.height), width: size.width, into: line)
            for x in size.width..<extended.width { line[x] = line[Self.mirrored(x, size.width)] }
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

    /// The place in 0 ..< count that stands at `place` ≥ 0 when samples are mirrored at the last and the first one.
    static func mirrored(_ place: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let turn = place % (2 * (count - 1))
        return turn < count ? turn : 2 * (count - 1) - turn
    }

    private func readLine(_ view: PlaneView, _ y: Int, width: Int, into target: UnsafeMutableBufferPointer<Float>) {
        let row = y * view.bytesPerRow
        if isWide {
            for x in 0..<width {
                let code = UInt16(littleEndian: view.bytes.loadUnaligned(fromByteOffset: row + 2 * x, as: UInt16.self))
                target[x] = (Float(code) - offset) / scale
            }
        } else {
            for x in 0..<width { target[x] = (Float(view.bytes[row + x]) - offset) / scale }
        }
    }
}
