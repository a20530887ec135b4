import CLibAV
import Foundation
import Primitives

/// Reads a packet log that has been verified from end to end.
package final class PacketLogReader {
    package let parameters: StreamParameters
    package let summary: PacketLogSummary
    /// Every packet in decode order, without its bytes.
    let entries: [Entry]

    private let descriptor: Int32
    private let path: String

    /// Where a packet is and when it is shown.
    struct Entry {
        let presentationTime: Int64
        let decodeTime: Int64
        let duration: Int64
        let isKeyframe: Bool
        let offset: Int64
        let byteCount: Int
    }

    /// Opens a log and checks all of it.
    ///
    /// - Throws: `unreadable`, `damagedObject`.
    package init(path: String) throws(MediaError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        var scan = LogScan(descriptor: descriptor, path: path)
        do {
            let found = try scan.run()
            (parameters, entries, summary) = found
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// A copy of a packet, with the times of its entry.
    func packet(_ number: Int) throws(MediaError) -> Packet {
        let entry = entries[number]
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        var done = 0
        while done < entry.byteCount {
            let start = done
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + start }, buffer.count - start, off_t(entry.offset) + start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw count < 0 ? .unreadable(path: path, errno: errno) : .damagedObject(.cutShort) }
            done += count
        }
        let packet = try Packet.copying(bytes)
        packet.raw.pointee.pts = entry.presentationTime
        packet.raw.pointee.dts = entry.decodeTime
        packet.raw.pointee.duration = entry.duration
        if entry.isKeyframe { packet.raw.pointee.flags |= AV_PKT_FLAG_KEY }
        return packet
    }
}

/// One pass over a log that checks its structure and its checksum.
private struct LogScan {
    let descriptor: Int32
    let path: String
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)
    private var filled = 0
    private var position = 0
    private var consumed: Int64 = 0
    private var checksum = CRC32C()

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    mutating func run() throws(MediaError) -> (StreamParameters, [PacketLogReader.Entry], PacketLogSummary) {
        guard try take(PacketLogFormat.magic.count, orElse: .notThisKind) == PacketLogFormat.magic else {
            throw .damagedObject(.notThisKind)
        }
        guard try take(1) == [PacketLogFormat.version] else { throw .damagedObject(.unknownVersion) }
        let size = Int(integer(try take(4), as: UInt32.self))
        guard size <= PacketLogFormat.largestParameters else { throw .damagedObject(.malformed) }
        let json = Data(try take(size))
        var entries: [PacketLogReader.Entry] = []
        while true {
            let mark = try take(1)
            if mark == [PacketLogFormat.trailerMark] { break }
            guard mark == [PacketLogFormat.packetMark] else { throw .damagedObject(.malformed) }
            let header = try take(PacketLogFormat.packetHeaderSize - 1)
            let byteCount = Int(integer(header[25..<29], as: UInt32.self))
            entries.append(
                PacketLogReader.Entry(
                    presentationTime: integer(header[1..<9], as: Int64.self), decodeTime: integer(header[9..<17], as: Int64.self),
                    duration: integer(header[17..<25], as: Int64.self), isKeyframe: header[0] & PacketLogFormat.keyframeFlag != 0,
                    offset: consumed, byteCount: byteCount))
            try skip(byteCount)
        }
        let count = integer(try take(8), as: UInt64.self)
        let expected = checksum.value
        guard integer(try take(4), as: UInt32.self) == expected else { throw .damagedObject(.checksumMismatch) }
        guard count == UInt64(entries.count), try fill() == false else { throw .damagedObject(.malformed) }
        let parameters: StreamParameters
        do { parameters = try JSONDecoder().decode(StreamParameters.self, from: json) } catch { throw .damagedObject(.malformed) }
        return (parameters, entries, PacketLogSummary(frameCount: entries.count, byteCount: consumed, crc32c: expected))
    }

    private func integer<Integer: FixedWidthInteger>(_ bytes: some Collection<UInt8>, as: Integer.Type) -> Integer {
        bytes.reversed().reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    /// Makes unread bytes available; false at the end of the file.
    private mutating func fill() throws(MediaError) -> Bool {
        if position < filled { return true }
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path: path, errno: errno) }
            (position, filled) = (0, count)
            return count > 0
        }
    }

    private mutating func advance(_ count: Int) {
        buffer.withUnsafeBytes { checksum.update(UnsafeRawBufferPointer(rebasing: $0[position..<position + count]).bytes) }
        position += count
        consumed += Int64(count)
    }

    private mutating func take(_ count: Int, orElse damage: MediaError.ObjectDamage = .cutShort) throws(MediaError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard try fill() else { throw .damagedObject(damage) }
            let step = min(count - bytes.count, filled - position)
            bytes += buffer[position..<position + step]
            advance(step)
        }
        return bytes
    }

    private mutating func skip(_ count: Int) throws(MediaError) {
        var rest = count
        while rest > 0 {
            guard try fill() else { throw .damagedObject(.cutShort) }
            let step = min(rest, filled - position)
            advance(step)
            rest -= step
        }
    }
}
