import CLibAV
import Glibc

/// Whether a transport stream stops inside a picture, by its packets (ISO/IEC 13818-1): decoders of H.265 make a picture of
/// any part of one, and say nothing.
enum TransportStreamEnd {
    private static let packetSize = 188
    /// Bytes at the end in which the last packet of the picture must stand.
    private static let reach = 4 << 20

    /// A packet of the stream that stands cut at the end of the file, or the last whole one without stuffing: pictures are of
    /// no announced length, and end with a packet that is filled up, but for the one in 184 that fits by chance.
    static func isCut(_ file: borrowing InputFile, stream: Int) -> Bool {
        guard text(file.raw.pointee.iformat.pointee.name) == "mpegts",
            file.stream(stream).pointee.codecpar.pointee.codec_id == AV_CODEC_ID_HEVC, let bytes = end(of: file.path)
        else { return false }
        let identifier = Int(file.stream(stream).pointee.id)
        let whole = bytes.count / packetSize
        let rest = bytes[(whole * packetSize)...]
        if rest.count >= 3, program(rest) == identifier { return true }
        var last: ArraySlice<UInt8>?
        for number in (0..<whole).reversed() {
            let packet = bytes[number * packetSize..<(number + 1) * packetSize]
            guard packet.first == 0x47, program(packet) == identifier else { continue }
            if last == nil { last = packet }
            // The start of the last picture: what announces its length is not unbounded.
            guard packet[packet.startIndex + 1] & 0x40 != 0 else { continue }
            guard isUnbounded(packet) else { return false }
            return last.map { !isFilledUp($0) } ?? false
        }
        return false
    }

    /// The last bytes of the file, from the start of a packet on; nil where packets do not stand every 188 bytes.
    private static func end(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        let start = max(0, size - reach) / packetSize * packetSize
        let bytes = [UInt8](unsafeUninitializedCapacity: size - start) { buffer, filled in
            filled = max(pread(descriptor, buffer.baseAddress, buffer.count, off_t(start)), 0)
        }
        return bytes.count > packetSize && bytes[0] == 0x47 && bytes[packetSize] == 0x47 ? bytes : nil
    }

    private static func program(_ packet: ArraySlice<UInt8>) -> Int {
        Int(packet[packet.startIndex + 1] & 0x1F) << 8 | Int(packet[packet.startIndex + 2])
    }

    /// Bytes of the adaptation field behind its length; 0 without one.
    private static func adaptation(_ packet: ArraySlice<UInt8>) -> Int {
        packet[packet.startIndex + 3] & 0x20 == 0 ? -1 : Int(packet[packet.startIndex + 4])
    }

    /// Whether the adaptation field is longer than its clocks.
    private static func isFilledUp(_ packet: ArraySlice<UInt8>) -> Bool {
        let length = adaptation(packet)
        guard length >= 0 else { return false }
        guard length > 0 else { return true }
        let flags = packet[packet.startIndex + 5]
        let clocks = (flags & 0x10 != 0 ? 6 : 0) + (flags & 0x08 != 0 ? 6 : 0) + (flags & 0x04 != 0 ? 1 : 0)
        return flags & 0x03 == 0 && length > 1 + clocks
    }

    /// Whether the packet of the elementary stream that begins here has no length.
    private static func isUnbounded(_ packet: ArraySlice<UInt8>) -> Bool {
        let start = packet.startIndex + 4 + (adaptation(packet) + 1)
        guard start + 6 <= packet.endIndex, packet[start..<start + 3].elementsEqual([0, 0, 1]) else { return false }
        return packet[start + 4] == 0 && packet[start + 5] == 0
    }
}
