import Glibc
package import HTTP
import Lanes
import Primitives
import Synchronization

/// One copy of a remote object into a local file, over several connections, that survives everything but the loss of its disk.
///
/// Beside the destination live `.part`, the file at its full size, and `.ledger`, the list of pieces that are in it. The ledger
/// outlives the copy: until somebody has noted that it is done, a further run proves by it that there is nothing left to copy.
package struct RangeCopy: Sendable {
    private let client: HTTPClient
    private let source: RangeSource
    private let destination: String
    private let published: String?
    private let options: RangeCopyOptions

    private var partPath: String { destination + ".part" }
    private var ledgerPath: String { Self.ledgerPath(of: destination) }

    private static func ledgerPath(of destination: String) -> String { destination + ".ledger" }

    /// - Parameters:
    ///   - destination: absolute path in an existing directory.
    ///   - published: where the caller moves the finished file from the destination, before it is noted that the copy is done; nil
    ///     for nowhere.
    package init(
        client: HTTPClient, source: RangeSource, destination: String, published: String? = nil,
        options: RangeCopyOptions = RangeCopyOptions()
    ) {
        self.client = client
        self.source = source
        self.destination = destination
        self.published = published
        self.options = options
    }

    /// Asks the source for its first byte: whether it can be read in ranges, and what it is.
    package func probe() async throws(TransferError) -> SourceFacts {
        let first = ByteRange(offset: 0, length: 1)
        var request = request(for: first)
        request.totalTimeout = .seconds(30)
        // A source that answers with the whole is known by its head: its body is not waited for.
        let receiver = ResponseReceiver(
            onHead: { response in
                let facts = try SourceFacts(response, for: first)
                try facts.checkContentType()
            }, onBytes: { _ in })
        let facts: SourceFacts
        do {
            facts = try SourceFacts(try await client.stream(request, to: receiver), for: first)
        } catch let error as HTTPClientError {
            throw TransferError(error)
        } catch let error as TransferError {
            throw error
        } catch {
            throw .unreachable(.interrupted("\(error)"))
        }
        guard facts.size <= options.maximumBytes else { throw .tooLarge(bytes: facts.size, limit: options.maximumBytes) }
        return facts
    }

    /// Copies what is not there yet, checks the whole and publishes it under its final name.
    ///
    /// Continues where an earlier run stopped, even a killed one, after reading back what that one recorded. Cancellation and
    /// errors leave part and ledger for the next run; a source that changed since is copied from the start. A file that an earlier
    /// run finished, at the destination or where it was published, is read back and stands for the copy.
    ///
    /// - Parameters:
    ///   - facts: of a probe just made; nil probes now.
    ///   - progress: called from several threads, one at a time.
    package func run(
        _ facts: SourceFacts? = nil, progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws(TransferError) -> TransferResult {
        let known: SourceFacts
        if let facts { known = facts } else { known = try await probe() }
        guard known.size <= options.maximumBytes else { throw .tooLarge(bytes: known.size, limit: options.maximumBytes) }
        do {
            return try await copy(known, progress)
        } catch let error as TransferError {
            throw error
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .unreachable(.interrupted("\(error)"))
        }
    }

    /// Removes the ledger of a finished copy, when it is noted that the copy is done; nothing happens when there is none.
    package static func forgetPieces(of destination: String) throws(TransferError) {
        let path = ledgerPath(of: destination)
        guard unlink(path) == 0 || errno == ENOENT else { throw .file(operation: "unlink", path: path, code: errno) }
    }

    /// Removes everything a copy made: part, ledger and destination.
    package func abandon() throws(TransferError) {
        for path in [partPath, ledgerPath, destination] {
            guard unlink(path) == 0 || errno == ENOENT else { throw .file(operation: "unlink", path: path, code: errno) }
        }
    }

    // MARK: Copying

    private func copy(_ facts: SourceFacts, _ progress: @escaping @Sendable (TransferProgress) -> Void) async throws -> TransferResult {
        let plan = PiecePlan(size: facts.size, pieceBytes: options.pieceBytes)
        let lane = SerialLane(label: "transfer")
        let (partPath, ledgerPath) = (partPath, ledgerPath)
        let hasValidator = facts.entityTag != nil || facts.lastModified != nil
        let heading = PieceLedger.Heading(
            facts: facts, pieceBytes: plan.pieceBytes, source: hasValidator ? nil : PieceLedger.Heading.mark(of: source.identity))
        let file = try await lane.run { try PartialFile(path: partPath) }
        defer { file.unlock() }
        let ledger = try await lane.run { try PieceLedger(path: ledgerPath, heading: heading) }
        if let result = try await finished(facts, plan, file, ledger, lane) {
            progress(TransferProgress(copiedBytes: facts.size, totalBytes: facts.size))
            return result
        }
        try await lane.run { try file.allocate(facts.size) }
        let present = try await intact(plan, ledger, lane) { try file.checksum(of: $0) }
        try await lane.run { try ledger.keepOnly(present, heading: heading) }
        let meter = ProgressMeter(copied: present.reduce(0) { $0 + plan.range($1).length }, total: facts.size, report: progress)
        let missing = PieceQueue((0..<plan.count).filter { !present.contains($0) })
        let connections = max(1, min(options.maximumConnections, plan.count))
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Never returns: whatever ends the copy ends it too.
            group.addTask { try await watch(meter) }
            for _ in 0..<connections {
                group.addTask {
                    while let index = missing.next() {
                        let checksum = try await fetch(plan.range(index), into: file, facts, meter)
                        // The piece before its record: a record never promises what is not there.
                        try await lane.run {
                            try file.synchronize()
                            try ledger.record(index, checksum)
                        }
                    }
                }
            }
            for _ in 0..<connections { try await group.next() }
            group.cancelAll()
        }
        return try await finish(facts, plan, file, ledger, lane)
    }

    /// What an earlier run finished, if it is all there and still what was recorded; then the part, which is empty, is removed.
    private func finished(
        _ facts: SourceFacts, _ plan: PiecePlan, _ file: PartialFile, _ ledger: PieceLedger, _ lane: SerialLane
    ) async throws -> TransferResult? {
        let (count, places) = (plan.count, [destination, published].compactMap(\.self))
        // In this order: from the destination the file moves on to where it is published.
        let found: FinishedFile? = try await lane.run {
            guard try file.size() == 0, ledger.isComplete(count) else { return nil }
            for path in places {
                if let found = try FinishedFile(path: path, size: facts.size) { return found }
            }
            return nil
        }
        guard let found, try await intact(plan, ledger, lane, { try found.checksum(of: $0) }).count == count else { return nil }
        let checksum = try await wholeChecksum(plan, ledger, lane)
        try await lane.run { try file.discard() }
        return TransferResult(bytes: facts.size, checksum: checksum, path: found.path)
    }

    /// Fails a copy that is slower than the options allow; else goes on until it is cancelled.
    private func watch(_ meter: ProgressMeter) async throws {
        let (rate, window) = (options.minimumCopyBytesPerSecond, options.copyRateWindow)
        let needed = Int((Double(rate) * (window / .seconds(1))).rounded(.up))
        while true {
            let before = meter.copied
            try await Task.sleep(for: window)
            guard meter.copied - before >= needed else { throw TransferError.tooSlow(bytesPerSecond: rate, over: window) }
        }
    }

    /// The recorded pieces whose bytes are still what was recorded.
    ///
    /// - Parameter checksum: of a range of the file; called on the lane.
    private func intact(
        _ plan: PiecePlan, _ ledger: PieceLedger, _ lane: SerialLane,
        _ checksum: @escaping @Sendable (ByteRange) throws -> CRC32C?
    ) async throws -> Set<Int> {
        let recorded = try await lane.run { ledger.pieces }
        var present: Set<Int> = []
        for (index, wanted) in recorded where (0..<plan.count).contains(index) {
            try Task.checkCancellation()
            let range = plan.range(index)
            if try await lane.run({ try checksum(range) }) == wanted { present.insert(index) }
        }
        return present
    }

    /// Of the whole, put together from the recorded pieces. Throws `.checksumMismatch` where it is not what was expected.
    private func wholeChecksum(_ plan: PiecePlan, _ ledger: PieceLedger, _ lane: SerialLane) async throws -> CRC32C {
        let pieces = try await lane.run { ledger.pieces }
        var checksum = CRC32C()
        for index in 0..<plan.count {
            guard let piece = pieces[index] else { throw TransferError.file(operation: "ledger", path: ledgerPath, code: EIO) }
            checksum = checksum.followed(by: piece, byteCount: plan.range(index).length)
        }
        if let expected = options.expectedChecksum, expected != checksum, !options.skipChecksumValidation {
            throw TransferError.checksumMismatch(expected: expected, actual: checksum)
        }
        return checksum
    }

    private func finish(
        _ facts: SourceFacts, _ plan: PiecePlan, _ file: PartialFile, _ ledger: PieceLedger, _ lane: SerialLane
    ) async throws -> TransferResult {
        let checksum = try await wholeChecksum(plan, ledger, lane)
        let destination = destination
        try await lane.run { try file.publish(as: destination) }
        return TransferResult(bytes: facts.size, checksum: checksum, path: destination)
    }

    // MARK: One piece

    private func fetch(
        _ range: ByteRange, into file: PartialFile, _ facts: SourceFacts, _ meter: ProgressMeter
    ) async throws -> CRC32C {
        var attempt = 1
        while true {
            let receiver = PieceReceiver(file: file, range: range, facts: facts) { meter.add($0) }
            do {
                _ = try await client.stream(
                    request(for: range), to: ResponseReceiver(onHead: receiver.check, onBytes: { try receiver.write($0) }))
                if receiver.isComplete { return receiver.checksum }
                throw HTTPClientError.interrupted("\(receiver.received) of \(range.length) bytes arrived")
            } catch {
                meter.add(-receiver.received)
                let failure = (error as? TransferError) ?? (error as? HTTPClientError).map { TransferError($0) }
                guard let failure, failure.isRetryable, attempt < options.attemptsPerPiece else { throw failure ?? error }
            }
            try await Task.sleep(for: pause(after: attempt))
            attempt += 1
        }
    }

    /// Exponential with full jitter over its upper half, so that many connections do not come back at once.
    private func pause(after attempt: Int) -> Duration {
        let longest = min(options.retryPause * (1 << min(attempt - 1, 16)), .seconds(30))
        return longest * Double.random(in: 0.5...1)
    }

    private func request(for range: ByteRange) -> ClientRequest {
        var headers = options.headers
        headers[.range] = "bytes=\(range.offset)-\(range.offset + range.length - 1)"
        var request = source.request(headers)
        request.connectTimeout = options.connectTimeout
        request.idleTimeout = options.idleTimeout
        request.totalTimeout = options.connectTimeout + options.idleTimeout + .seconds(range.length / max(1, options.minimumBytesPerSecond))
        request.maximumRedirects = options.maximumRedirects
        return request
    }
}

/// How a file is cut: equal pieces, the last one shorter.
struct PiecePlan: Hashable, Sendable {
    let size: Int
    let pieceBytes: Int

    init(size: Int, pieceBytes: Int) {
        self.size = size
        self.pieceBytes = max(1, pieceBytes)
    }

    var count: Int { (size + pieceBytes - 1) / pieceBytes }

    func range(_ index: Int) -> ByteRange {
        ByteRange(offset: index * pieceBytes, length: min(pieceBytes, size - index * pieceBytes))
    }
}

/// Pieces still to be copied, handed out in order.
final class PieceQueue: Sendable {
    private let rest: Mutex<ArraySlice<Int>>

    init(_ pieces: [Int]) { rest = Mutex(pieces[...]) }

    func next() -> Int? { rest.withLock { $0.popFirst() } }
}
