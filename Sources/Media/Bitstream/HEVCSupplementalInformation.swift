package import Picture

/// The static HDR metadata in an H.265 SEI NAL unit, read without the media library, which merges what streams and
/// containers say.
package struct HEVCSupplementalInformation: Equatable {
    /// What the unit carries; halves it lacks are nil.
    package private(set) var metadata = StaticHDRMetadata.none

    /// NAL unit type of prefix SEI, H.265 Table 7-1.
    package static let prefixType: UInt8 = 39

    /// - Parameter unit: a prefix SEI NAL unit with its two header bytes, or nothing that can be read.
    package init(unit: some Sequence<UInt8>) {
        let payload = Array(rawPayload(of: unit).dropFirst(2))
        var position = 0
        // H.265 7.3.5: type and size are sums of bytes, 255 meaning that more follow; 0x80 ends the unit.
        func sum() -> Int? {
            var total = 0
            while position < payload.count {
                let byte = payload[position]
                position += 1
                total += Int(byte)
                if byte != 255 { return total }
            }
            return nil
        }
        while position < payload.count, payload[position] != 0x80 {
            guard let type = sum(), let size = sum(), position + size <= payload.count else { return }
            let body = payload[position..<position + size]
            // Annex D: 137 mastering display color volume, 144 content light level information.
            if type == 137, let display = CodedMasteringDisplay(body) { metadata.masteringDisplay = display }
            if type == 144, let level = CodedLightLevel(body) { metadata.lightLevel = level }
            position += size
        }
    }
}

extension CodedMasteringDisplay {
    /// Reads the 24 bytes that the SEI (D.2.28) and the `mdcv` box (ISO/IEC 14496-12 12.1.6) share: green, blue, red and
    /// white as pairs of 16 bits, then largest and smallest luminance in 32 bits.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count >= 24 else { return nil }
        var reader = BigEndianReader(bytes)
        guard let greenX = reader.next(UInt16.self), let greenY = reader.next(UInt16.self), let blueX = reader.next(UInt16.self),
            let blueY = reader.next(UInt16.self), let redX = reader.next(UInt16.self), let redY = reader.next(UInt16.self),
            let whiteX = reader.next(UInt16.self), let whiteY = reader.next(UInt16.self), let maximum = reader.next(UInt32.self),
            let minimum = reader.next(UInt32.self)
        else { return nil }
        self.init(
            red: CodedChromaticity(x: redX, y: redY), green: CodedChromaticity(x: greenX, y: greenY),
            blue: CodedChromaticity(x: blueX, y: blueY), white: CodedChromaticity(x: whiteX, y: whiteY), maxLuminance: maximum,
            minLuminance: minimum)
    }
}

extension CodedLightLevel {
    /// Reads the four bytes that the SEI (D.2.35) and the `clli` box share.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count >= 4 else { return nil }
        var reader = BigEndianReader(bytes)
        guard let maxCLL = reader.next(UInt16.self), let maxFALL = reader.next(UInt16.self) else { return nil }
        self.init(maxCLL: maxCLL, maxFALL: maxFALL)
    }
}

/// Reads big-endian integers from bytes that may end early.
struct BigEndianReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    var remaining: Int { bytes.count - position }

    mutating func next<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        let size = Integer.bitWidth / 8
        guard remaining >= size else { return nil }
        defer { position += size }
        return bytes[position..<position + size].reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    mutating func skip(_ count: Int) -> Void? {
        guard count >= 0, remaining >= count else { return nil }
        position += count
        return ()
    }
}
