import CPostgres
import Glibc

/// Owner of one `PGconn` and its prepared statements. Lives on one lane and is never shared: only `Connection` and
/// `Transaction`, which cannot be copied, lead to it.
package final class Session {
    let raw: OpaquePointer
    var statements: [StatementKey: String] = [:]
    private var statementCounter = 0
    /// Waiting longer than this for an answer means the server or the way to it is gone: its own limit has passed.
    let answerTimeout: Duration
    private(set) var isBroken = false

    /// Prepared statements kept; beyond it the cache starts anew.
    private static let statementLimit = 256

    /// Connects, waiting at most the configured time. Throws `.unavailable`.
    init(_ configuration: ConnectionConfiguration) throws(PostgresError) {
        let parameters = configuration.connectionParameters
        var keywords: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = parameters.map { UnsafePointer(strdup($0.1)) }
        defer { (keywords + values).forEach { free(UnsafeMutablePointer(mutating: $0)) } }
        keywords.append(nil)
        values.append(nil)
        guard let raw = PQconnectdbParams(keywords, values, 0) else { throw .unavailable("out of memory") }
        guard PQstatus(raw) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(raw)).trimmedLine
            PQfinish(raw)
            throw .unavailable(message)
        }
        cpostgres_silence_notices(raw)
        self.raw = raw
        answerTimeout = configuration.statementTimeout + .seconds(5)
        do {
            try run(script: configuration.preamble)
        } catch {
            throw .unavailable("the server refuses the session settings: \(error)")
        }
    }

    deinit { PQfinish(raw) }

    /// The socket, for waiting on notifications.
    var descriptor: Int32 { PQsocket(raw) }

    /// Process id of the server's side.
    var backendProcess: Int32 { PQbackendPID(raw) }

    /// Whether a session that has been idle still has its server. A server says nothing to an idle session but that it ends
    /// it, so anything to read is the end; what else it may be, such as changed settings, is as well begun anew.
    func isAlive() -> Bool {
        !isBroken && PQstatus(raw) == CONNECTION_OK && !hasInput
    }

    /// Whether the socket has something to read, the end of the connection included.
    var hasInput: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) != 0
    }

    /// Runs one statement with its binds, prepared on first use.
    func run(_ sql: SQL) throws(PostgresError) -> QueryResult { try run(Statement(sql)) }

    /// Runs one statement with its binds, prepared on first use.
    func run(_ statement: Statement) throws(PostgresError) -> QueryResult {
        let (key, binds) = (statement.key, statement.binds)
        if let problem = binds.problem { throw .bind(index: problem.index, problem: problem.text) }
        let name = try name(of: key)
        guard send(binds, to: name) else { throw lost() }
        do {
            return try answer()
        } catch {
            if let state = error.sqlState, state.invalidatesStatement { statements[key] = nil }
            throw error
        }
    }

    /// Sends a prepared statement's binds; false when the connection is broken.
    func send(_ binds: BindBuffer, to name: String) -> Bool {
        binds.bytes.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: binds.count) { values in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    for (index, offset) in binds.offsets.enumerated() {
                        // An empty buffer has no address, yet an empty value must not look like null.
                        values.initializeElement(at: index, to: offset < 0 ? nil : characters.baseAddress.map { $0 + offset } ?? emptyValue)
                    }
                }
                return PQsendQueryPrepared(raw, name, Int32(binds.count), values.baseAddress, binds.lengths, binds.formats, 1) == 1
            }
        }
    }

    /// Runs statements without binds, in one round trip. Throws on the first that fails.
    func run(script: String) throws(PostgresError) {
        guard PQsendQuery(raw, script) == 1 else { throw lost() }
        _ = try answer()
    }

    /// Runs one statement without binds or results, such as `COMMIT`, and gives the command that was carried out.
    func run(command: String) throws(PostgresError) -> String {
        guard PQsendQuery(raw, command) == 1 else { throw lost() }
        return try answer().command
    }

    /// Notifications that have arrived, oldest first; reads what the socket holds.
    func takeNotifications() throws(PostgresError) -> [(channel: String, payload: String)] {
        guard PQconsumeInput(raw) == 1 else { throw lost() }
        var taken: [(channel: String, payload: String)] = []
        while let notification = PQnotifies(raw) {
            taken.append((String(cString: notification.pointee.relname), String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return taken
    }

    /// Quotes a name for use as an identifier.
    func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
        guard let quoted = PQescapeIdentifier(raw, name, name.utf8.count) else {
            throw .invalidConfiguration("'\(name)' cannot be an identifier")
        }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    private func name(of key: StatementKey) throws(PostgresError) -> String {
        if let name = statements[key] { return name }
        try makeRoom(for: 1)
        let name = try sendPrepare(key)
        do { _ = try answer() } catch {
            statements[key] = nil
            throw error
        }
        return name
    }

    /// Forgets all prepared statements where so many more would be too many.
    func makeRoom(for count: Int) throws(PostgresError) {
        guard statements.count + count > Self.statementLimit else { return }
        try run(script: "DEALLOCATE ALL")
        statements.removeAll(keepingCapacity: true)
    }

    /// Asks for a statement to be prepared, under a name of its own; the answer is still to come.
    @discardableResult
    func sendPrepare(_ key: StatementKey) throws(PostgresError) -> String {
        statementCounter += 1
        let name = "s\(statementCounter)"
        guard PQsendPrepare(raw, name, key.text, Int32(key.types.count), key.types) == 1 else { throw lost() }
        statements[key] = name
        return name
    }

    /// Waits for the answer to what was sent and reads it to its end; throws the first failure in it.
    private func answer() throws(PostgresError) -> QueryResult {
        let deadline = ContinuousClock.now + answerTimeout
        var last: QueryResult?
        var failure: PostgresError?
        while true {
            try waitForInput(until: deadline)
            guard let result = PQgetResult(raw) else { break }
            let status = PQresultStatus(result)
            let owned = QueryResult(owning: result)
            if status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH {
                isBroken = true
                throw .invalidConfiguration("COPY is not used here")
            }
            if failure == nil { failure = owned.failure() }
            last = consume owned
        }
        if let failure {
            if failure.endsConnection || PQstatus(raw) != CONNECTION_OK { isBroken = true }
            throw failure
        }
        guard let last else { throw lost() }
        return last
    }

    func waitForInput(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        while PQisBusy(raw) == 1 {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let (seconds, attoseconds) = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            let ready = poll(&poller, 1, Int32(clamping: max(0, milliseconds)))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else {
                isBroken = true
                throw .connectionLost("no answer from the server within \(answerTimeout)")
            }
            guard PQconsumeInput(raw) == 1 else { throw lost() }
        }
    }

    /// Notes that the connection is of no further use; the error to tell.
    func broken(by error: PostgresError) -> PostgresError {
        isBroken = true
        return error
    }

    func lost() -> PostgresError {
        isBroken = true
        return .connectionLost(String(cString: PQerrorMessage(raw)).trimmedLine)
    }
}

/// Address of an empty value; only its not being null matters. Never written, so sharing it is harmless.
nonisolated(unsafe) private let emptyValue: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    byte.initialize(to: 0)
    return UnsafePointer(byte)
}()
