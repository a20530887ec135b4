import HTTP
import Primitives

/// Writes the response to one range request into its place and sums it up on the way.
///
/// Unchecked: libcurl calls from one thread, and the result is read after the request has ended.
final class PieceReceiver: @unchecked Sendable {
    private let file: PartialFile
    private let range: ByteRange
    private let facts: SourceFacts
    private let onBytes: @Sendable (Int) -> Void
    private(set) var checksum = CRC32C()
    private(set) var received = 0

    init(file: PartialFile, range: ByteRange, facts: SourceFacts, onBytes: @escaping @Sendable (Int) -> Void) {
        self.file = file
        self.range = range
        self.facts = facts
        self.onBytes = onBytes
    }

    var isComplete: Bool { received == range.length }

    func check(_ response: ClientResponse) throws {
        // It did answer this kind of request before: what it has now is something else.
        guard ![200, 204, 416].contains(response.status.code) else {
            let size = response.headers[.contentLength].flatMap { Int($0) } ?? 0
            throw TransferError.sourceChanged(expected: facts, found: SourceFacts(size: size))
        }
        let found = try SourceFacts(response, for: range)
        guard found.describesSameContent(as: facts) else { throw TransferError.sourceChanged(expected: facts, found: found) }
    }

    func write(_ bytes: RawSpan) throws {
        guard received + bytes.byteCount <= range.length else {
            throw TransferError.unexpectedContentRange("more than \(range.length) bytes")
        }
        try file.write(bytes, at: range.offset + received)
        checksum.update(bytes)
        received += bytes.byteCount
        onBytes(bytes.byteCount)
    }
}
