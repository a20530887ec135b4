/// The stored form of a segment: what an encoder gave, ready to be joined with others.
///
/// All integers little endian.
///
///     "RMPL"  version (1 byte)  size of parameters (4)  parameters (JSON, sorted keys)
///     for each packet, in decode order:
///         1 (1 byte)  flags (1; bit 0 = keyframe)  presentation time (8)  decode time (8)  duration (8)  size (4)  bytes
///     0 (1 byte)  number of packets (8)  CRC-32C of everything before (4)
enum PacketLogFormat {
    static let magic: [UInt8] = Array("RMPL".utf8)
    static let version: UInt8 = 1
    static let packetHeaderSize = 1 + 1 + 8 + 8 + 8 + 4
    static let trailerSize = 1 + 8 + 4
    /// Parameters are a few hundred bytes; a larger number is damage.
    static let largestParameters = 1 << 20
    static let packetMark: UInt8 = 1
    static let trailerMark: UInt8 = 0
    static let keyframeFlag: UInt8 = 1
}

/// What a finished log amounts to.
package struct PacketLogSummary: Codable, Hashable, Sendable {
    /// Packets, which are frames.
    package let frameCount: Int
    /// Size of the file.
    package let byteCount: Int64
    /// CRC-32C of all that stands before it at the file's end: over the whole file it would be the same for every one.
    package let crc32c: UInt32
}

extension [UInt8] {
    /// Lends the bytes to a body whose error keeps its type.
    func withRawBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBufferPointer { bytes throws(E) in try body(UnsafeRawBufferPointer(bytes)) }
    }
}

extension FixedWidthInteger {
    /// Bytes of the value, lowest first.
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
