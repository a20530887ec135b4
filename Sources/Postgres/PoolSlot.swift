import Lanes

/// One place of a pool: a lane, and the session that lives on it once there is one.
///
/// `@unchecked Sendable` because `session` is touched on `lane` only.
final class PoolSlot: @unchecked Sendable {
    let lane: SerialLane
    private let configuration: ConnectionConfiguration
    private var session: Session?

    init(configuration: ConnectionConfiguration, index: Int) {
        self.configuration = configuration
        lane = SerialLane(label: "postgres.\(index)")
    }

    /// Runs `body` on the lane with a live connection, connecting first where there is none. Throws `.unavailable`.
    func run<Value: Sendable>(_ body: @escaping @Sendable (borrowing Connection) throws -> Value) async throws -> Value {
        try await lane.run {
            let session = try self.liveSession()
            defer { self.dropIfBroken() }
            return try body(Connection(session: session))
        }
    }

    /// Drops the session.
    func close() async {
        do { try await lane.run { self.session = nil } } catch {
            // Nothing in the closure throws.
        }
    }

    /// On the lane: forgets a session that is of no further use.
    func dropIfBroken() {
        if session?.isBroken == true { session = nil }
    }

    /// On the lane: the session, made anew where the last one has ended. Throws `.unavailable`.
    ///
    /// - Parameter afterPause: false right after an answer of the session, which is then known to be alive.
    func liveSession(afterPause: Bool = true) throws(PostgresError) -> Session {
        if let session, !afterPause || session.isAlive() { return session }
        session = nil
        let fresh = try Session(configuration)
        session = fresh
        return fresh
    }
}
