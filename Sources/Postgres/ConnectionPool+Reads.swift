import Glibc
import Lanes
import Synchronization

/// A statement that waits for a round trip.
struct WaitingRead: Sendable {
    let statement: Statement
    /// How long a server that is away is waited for.
    let deadline: ContinuousClock.Instant
    /// Called once, on the lane that carried the statement, or by who gives it up.
    let finish: @Sendable (consuming SharedReply) -> Void
}

extension ConnectionPool {
    /// The only row of a statement that only reads; nil when there is none. Throws `.rowCount` for more.
    ///
    /// Statements of callers who come while others' are under way go to the server together, a round trip for up to 32 of
    /// them: what a busy server pays most for is not the statements but the turns between threads and processes. For
    /// statements that are quick, as they wait for each other, and have no effect, as one that is refused undoes those
    /// it travels with.
    package func readFirst<Record: RowDecodable>(_ statement: Statement, as: Record.Type = Record.self) async throws -> Record? {
        if let problem = statement.binds.problem { throw PostgresError.bind(index: problem.index, problem: problem.text) }
        return try await withCheckedThrowingContinuation { continuation in
            submit(
                WaitingRead(statement: statement, deadline: ContinuousClock.now + acquireTimeout) { (reply: consuming SharedReply) in
                    do throws(PostgresError) {
                        let result = try reply.get()
                        continuation.resume(returning: try result.first())
                    } catch {
                        continuation.resume(throwing: error)
                    }
                })
        }
    }

    private enum Carriage { case wait, refuse, carry(slot: Int), find }

    private func submit(_ read: WaitingRead) {
        let carriage = state.withLock { state -> Carriage in
            if state.rules.isClosed { return .refuse }
            guard state.reads.add(read) else { return .wait }
            return state.rules.takeFree().map { .carry(slot: $0) } ?? .find
        }
        switch carriage {
        case .wait: break
        case .refuse: read.finish(.failure(.closed))
        case .carry(let slot): carryReads(on: slot)
        case .find: findCarrier()
        }
    }

    /// Waits for a connection as any other caller does.
    private func findCarrier() {
        Task {
            do {
                carryReads(on: try await acquire())
            } catch {
                let failure = error as? PostgresError ?? .closed
                for read in state.withLock({ $0.reads.abandon() }) { read.finish(.failure(failure)) }
            }
        }
    }

    /// Carries what waits, until nothing does; between two round trips others who wait for a connection have their turn.
    private func carryReads(on index: Int) {
        let slot = slots[index]
        slot.lane.start { [self] in
            var isFirst = true
            while let batch = state.withLock({ $0.reads.next() }) {
                let left = slot.serve(batch, afterPause: isFirst)
                isFirst = false
                let isWanted = state.withLock { state in
                    state.reads.putBack(left)
                    return state.rules.waitingCount > 0
                }
                if isWanted {
                    release(index)
                    return findCarrier()
                }
            }
            release(index)
        }
    }
}

extension PoolSlot {
    /// Time between attempts to reach a server that is away, in microseconds.
    private static let reconnectPause: useconds_t = 100_000

    /// On the lane: one round trip. Gives back the reads that were not carried out and may be sent again.
    ///
    /// - Parameter afterPause: whether the connection may have been idle, and its server gone since.
    fileprivate func serve(_ batch: [WaitingRead], afterPause: Bool) -> [WaitingRead] {
        do throws(PostgresError) {
            let session = try liveSession(afterPause: afterPause)
            defer { dropIfBroken() }
            let answered = session.run(reads: batch.map(\.statement)) { index, reply in batch[index].finish(reply) }
            return Array(batch.dropFirst(answered))
        } catch {
            // Nothing was sent: those with time left wait for the server to come back.
            let now = ContinuousClock.now
            for read in batch where read.deadline <= now { read.finish(.failure(error)) }
            usleep(Self.reconnectPause)
            return batch.filter { $0.deadline > now }
        }
    }
}
