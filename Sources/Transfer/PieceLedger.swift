import Crypto
import FoundationEssentials
import Glibc
import Primitives

/// The durable list of pieces that are in the part file, with their checksums.
///
/// Layout, little-endian: `RMLEDGR1`, length of the heading, the heading as JSON, CRC-32C of the JSON; then for each piece its
/// index, its CRC-32C, and the CRC-32C of those eight bytes (32 bits each). A torn last record fails its check and is cut off.
/// Readable by the server's account only.
/// Unchecked: used by one thread at a time, the copy's own lane.
final class PieceLedger: @unchecked Sendable {
    /// What the pieces belong to; a ledger of anything else is of no use.
    struct Heading: Codable, Hashable {
        let facts: SourceFacts
        let pieceBytes: Int
        /// Tells sources apart that have neither entity tag nor date: `mark(of:)`; nil for those that have one.
        let source: String?

        /// What tells one identity from another without giving it away: a URL may carry a signature, and the ledger lies on the
        /// storage in plain. SHA-256 in hexadecimal.
        static func mark(of identity: String) -> String {
            SHA256.hash(data: Array("remaster transfer ledger source\0".utf8) + Array(identity.utf8)).reduce(into: "") { text, byte in
                text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }

    /// What earlier builds noted of a source in plain. Such a ledger is begun anew, which removes it.
    private struct PlainSource: Decodable {
        let url: String?
    }

    private static let magic = Array("RMLEDGR1".utf8)
    private static let recordBytes = 12

    private let path: String
    private let descriptor: Int32
    /// Checksums of the recorded pieces.
    private(set) var pieces: [Int: CRC32C] = [:]

    /// Opens the ledger. One with another heading, a damaged one, or one with the source in plain is begun anew.
    init(path: String, heading: Heading) throws(TransferError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, code: errno) }
        // Those of earlier builds could be read by every account.
        guard fchmod(descriptor, 0o600) == 0 else { throw error("fchmod") }
        let bytes = Self.contents(descriptor)
        if let (found, start) = Self.readHeading(bytes), Self.isContinued(found, by: heading) {
            let end = readRecords(bytes, from: start)
            guard ftruncate(descriptor, off_t(end)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else { throw error("ftruncate") }
        } else {
            try begin(heading)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether each of so many pieces is recorded.
    func isComplete(_ count: Int) -> Bool { (0..<count).allSatisfy { pieces[$0] != nil } }

    /// Adds a piece, durably. The piece itself must be durable before.
    func record(_ index: Int, _ checksum: CRC32C) throws(TransferError) {
        var bytes: [UInt8] = []
        Self.append(UInt32(index), to: &bytes)
        Self.append(checksum.value, to: &bytes)
        var check = CRC32C()
        check.update(bytes.span.bytes)
        Self.append(check.value, to: &bytes)
        try append(bytes)
        pieces[index] = checksum
    }

    /// Forgets pieces whose bytes are not what was recorded, by writing the others again.
    func keepOnly(_ indexes: Set<Int>, heading: Heading) throws(TransferError) {
        let kept = pieces.filter { indexes.contains($0.key) }
        guard kept.count < pieces.count else { return }
        try begin(heading)
        for (index, checksum) in kept.sorted(by: { $0.key < $1.key }) { try record(index, checksum) }
    }

    // MARK: Bytes

    private func begin(_ heading: Heading) throws(TransferError) {
        pieces = [:]
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw error("ftruncate") }
        let json: [UInt8]
        do { json = Array(try JSONEncoder().encode(heading)) } catch { throw .file(operation: "encode", path: path, code: EINVAL) }
        var bytes = Self.magic
        Self.append(UInt32(json.count), to: &bytes)
        bytes += json
        var check = CRC32C()
        check.update(json.span.bytes)
        Self.append(check.value, to: &bytes)
        try append(bytes)
        try PartialFile.synchronizeDirectory(of: path)
    }

    private func append(_ bytes: [UInt8]) throws(TransferError) {
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw error("write") }
        guard fdatasync(descriptor) == 0 else { throw error("fdatasync") }
    }

    private func readRecords(_ bytes: [UInt8], from start: Int) -> Int {
        var position = start
        while position + Self.recordBytes <= bytes.count {
            var check = CRC32C()
            check.update(bytes.span.bytes.extracting(position..<(position + 8)))
            guard check.value == Self.word(bytes, position + 8) else { break }
            pieces[Int(Self.word(bytes, position))] = CRC32C(value: Self.word(bytes, position + 4))
            position += Self.recordBytes
        }
        return position
    }

    private static func readHeading(_ bytes: [UInt8]) -> (Heading, end: Int)? {
        guard bytes.count >= 12, Array(bytes[..<8]) == magic else { return nil }
        let length = Int(word(bytes, 8))
        guard length <= 1 << 20, 12 + length + 4 <= bytes.count else { return nil }
        var check = CRC32C()
        check.update(bytes.span.bytes.extracting(12..<(12 + length)))
        guard check.value == word(bytes, 12 + length) else { return nil }
        let json = Data(bytes[12..<(12 + length)])
        guard let heading = try? JSONDecoder().decode(Heading.self, from: json),
            let plain = try? JSONDecoder().decode(PlainSource.self, from: json), plain.url == nil
        else { return nil }
        return (heading, 12 + length + 4)
    }

    private static func isContinued(_ old: Heading, by new: Heading) -> Bool {
        let hasValidator = new.facts.entityTag != nil || new.facts.lastModified != nil
        return old.pieceBytes == new.pieceBytes && old.facts.describesSameContent(as: new.facts)
            && (hasValidator || old.source == new.source)
    }

    private static func contents(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = pread(descriptor, &buffer, buffer.count, off_t(bytes.count)), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
    }

    private static func word(_ bytes: [UInt8], _ position: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }

    private func error(_ operation: String) -> TransferError {
        errno == ENOSPC || errno == EDQUOT ? .diskFull(path: path) : .file(operation: operation, path: path, code: errno)
    }
}
