import CLibAV
import ColorScience

/// The color volume in the header of each coded frame of DNxHD and DNxHR (SMPTE ST 2019-1): the library's encoder says BT.709 of
/// every picture.
struct DNxHDColorVolume {
    /// 0 BT.709, 1 BT.2020 with non-constant luminance, 2 with constant luminance, 3 what is beside the stream.
    private let code: UInt8

    private static let headerSize = 0x280
    /// Byte of the header: bit 6 for 4:4:4, bits 2 and 1 for the color volume, bit 0 for RGB.
    private static let place = 0x2C

    /// Nil for other codecs, and where the encoder's word is right.
    init?(_ settings: EncodingSettings, matrix: MatrixCoefficients) {
        switch settings {
        case .dnxhd, .dnxhr: break
        default: return nil
        }
        switch matrix {
        case .bt709: return nil
        case .bt2020NCL: code = 1
        case .bt2020CL: code = 2
        default: code = 3
        }
    }

    /// Writes it into a packet: one frame, or two fields of equal size.
    func mark(_ packet: borrowing Packet) throws(MediaError) {
        try check(av_packet_make_writable(packet.raw), "av_packet_make_writable")
        let (size, data) = (Int(packet.raw.pointee.size), packet.raw.pointee.data)
        guard let data else { return }
        for start in [0, size / 2] where start + Self.headerSize <= size {
            // The prefix of a header, whose last byte is the version: 1 to 3.
            guard data[start] == 0, data[start + 1] == 0, data[start + 2] == 2, data[start + 3] == 0x80, (1...3).contains(data[start + 4])
            else { continue }
            data[start + Self.place] = data[start + Self.place] & ~6 | code << 1
        }
    }
}
