import Foundation
import Primitives

/// Writes a packet log. The path is a temporary one: whoever asked for the log renames it when it is whole.
package final class PacketLogWriter {
    private let file: FileWriter
    private var frameCount = 0
    private var isFinished = false

    /// Creates the file, or empties it.
    package init(path: String, parameters: StreamParameters) throws(MediaError) {
        file = try FileWriter(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json: Data
        do { json = try encoder.encode(parameters) } catch { throw .failed(operation: "JSONEncoder.encode", code: 0, message: "\(error)") }
        try file.write(PacketLogFormat.magic + [PacketLogFormat.version] + UInt32(json.count).littleEndianBytes + json)
    }

    /// Frames so far.
    package var count: Int { frameCount }

    func append(_ packet: borrowing Packet, bytes: UnsafeRawBufferPointer, duration: Int64) throws(MediaError) {
        guard let pts = packet.presentationTime else { throw .failed(operation: "encode", code: 0, message: "a packet without time") }
        var header: [UInt8] = [PacketLogFormat.packetMark, packet.isKeyframe ? PacketLogFormat.keyframeFlag : 0]
        header.reserveCapacity(PacketLogFormat.packetHeaderSize)
        header += pts.littleEndianBytes
        header += (packet.decodeTime ?? pts).littleEndianBytes
        header += duration.littleEndianBytes
        header += UInt32(bytes.count).littleEndianBytes
        try file.write(header)
        try file.write(bytes)
        frameCount += 1
    }

    /// Writes the end of the log and waits until the disk has it.
    package func finish() throws(MediaError) -> PacketLogSummary {
        try file.write([PacketLogFormat.trailerMark] + UInt64(frameCount).littleEndianBytes)
        let checksum = file.checksum.value
        try file.write(checksum.littleEndianBytes)
        try file.finish()
        return PacketLogSummary(frameCount: frameCount, byteCount: file.byteCount, crc32c: checksum)
    }
}

/// Unique owner of one file that is written from start to end, with a running checksum.
private final class FileWriter {
    private let path: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var checksum = CRC32C()
    private(set) var byteCount: Int64 = 0

    private static let bufferSize = 1 << 20

    init(path: String) throws(MediaError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, errno: errno) }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: [UInt8]) throws(MediaError) {
        try bytes.withRawBytes { bytes throws(MediaError) in try write(bytes) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(MediaError) {
        checksum.update(bytes.bytes)
        byteCount += Int64(bytes.count)
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count > Self.bufferSize { try put(bytes) } else { buffer.append(contentsOf: bytes) }
    }

    func finish() throws(MediaError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw .unwritable(path: path, errno: errno) }
        let result = close(descriptor)
        descriptor = -1
        guard result == 0 else { throw .unwritable(path: path, errno: errno) }
    }

    private func flush() throws(MediaError) {
        try buffer.withRawBytes { bytes throws(MediaError) in try put(bytes) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(MediaError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .unwritable(path: path, errno: errno) }
            rest = rest.dropFirst(written)
        }
    }
}
