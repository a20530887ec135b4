import Glibc
package import HTTP
import Lanes
import Primitives
import Synchronization

/// One copy of a remote object into a local file, over several connections, that survives everything but the loss of its disk.
///
/// Beside the destination live `.part`, the file at its full size, and `.ledger`, the list of pieces that are in it.
package struct RangeCopy: Sendable {
    private let client: HTTPClient
    private let source: RangeSource
    private let destination: String
    private let options: RangeCopyOptions

    private var partPath: String { destination + ".part" }
    private var ledgerPath: String { destination + ".ledger" }

    /// - Parameter destination: absolute path in an existing directory.
    package init(client: HTTPClient, source: RangeSource, destination: String, options: RangeCopyOptions = RangeCopyOptions()) {
        self.client = client
        self.source = source
        self.destination = destination
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
    /// errors leave part and ledger for the next run; a source that changed since is copied from the start.
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
        let heading = PieceLedger.Heading(facts: facts, pieceBytes: plan.pieceBytes, url: hasValidator ? nil : source.identity)
        let (file, ledger) = try await lane.run {
            let file = try PartialFile(path: partPath)
            do {
                let ledger = try PieceLedger(path: ledgerPath, heading: heading)
                try file.allocate(facts.size)
                return (file, ledger)
            } catch {
                file.unlock()
                throw error
            }
        }
        defer { file.unlock() }
        let present = try await verify(plan, file, ledger, heading, lane)
        let meter = ProgressMeter(copied: present.reduce(0) { $0 + plan.range($1).length }, total: facts.size, report: progress)
        let missing = PieceQueue((0..<plan.count).filter { !present.contains($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(options.maximumConnections, plan.count)) {
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
            try await group.waitForAll()
        }
        return try await finish(facts, plan, file, ledger, lane)
    }

    /// The recorded pieces whose bytes are still what was recorded.
    private func verify(
        _ plan: PiecePlan, _ file: PartialFile, _ ledger: PieceLedger, _ heading: PieceLedger.Heading, _ lane: SerialLane
    ) async throws -> Set<Int> {
        let recorded = try await lane.run { ledger.pieces }
        var present: Set<Int> = []
        for (index, checksum) in recorded where (0..<plan.count).contains(index) {
            try Task.checkCancellation()
            let range = plan.range(index)
            if try await lane.run({ try file.checksum(offset: range.offset, length: range.length) }) == checksum { present.insert(index) }
        }
        let kept = present
        try await lane.run { try ledger.keepOnly(kept, heading: heading) }
        return present
    }

    private func finish(
        _ facts: SourceFacts, _ plan: PiecePlan, _ file: PartialFile, _ ledger: PieceLedger, _ lane: SerialLane
    ) async throws -> TransferResult {
        let pieces = try await lane.run { ledger.pieces }
        var checksum = CRC32C()
        for index in 0..<plan.count {
            guard let piece = pieces[index] else { throw TransferError.file(operation: "ledger", path: ledgerPath, code: EIO) }
            checksum = checksum.followed(by: piece, byteCount: plan.range(index).length)
        }
        if let expected = options.expectedChecksum, expected != checksum, !options.skipChecksumValidation {
            throw TransferError.checksumMismatch(expected: expected, actual: checksum)
        }
        let (destination, ledgerPath) = (destination, ledgerPath)
        try await lane.run {
            try file.publish(as: destination)
            unlink(ledgerPath)
        }
        return TransferResult(bytes: facts.size, checksum: checksum)
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
