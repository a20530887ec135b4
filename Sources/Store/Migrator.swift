import Logging
import Migrations
package import Postgres
package import Telemetry

/// Brings the schema to what this program needs: forward only, each step in a transaction of its own, one migrator at a time.
package struct Migrator: Sendable {
    /// One step of the schema.
    package struct Step: Equatable, Sendable {
        /// From 1, growing; numbers may be left out, and a left-out one may come later.
        package let number: Int
        package let name: String
        package let script: String

        package init(number: Int, name: String, script: String) {
            self.number = number
            self.name = name
            self.script = script
        }

        /// FNV-1a over the text, 64 bits: tells an edited step from the one applied.
        package var checksum: Int64 {
            Int64(bitPattern: script.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        }
    }

    /// Why the schema cannot be brought up to date.
    package enum Problem: Error, Equatable, Sendable {
        /// A step that was applied reads otherwise now.
        case changed(step: String)
        /// The database was migrated by a newer version of the product.
        case newerDatabase(step: Int, known: Int)
    }

    private let pool: ConnectionPool
    private let steps: [Step]
    private let observer: Observer

    package init(pool: ConnectionPool, observer: Observer) {
        self.init(pool: pool, observer: observer, steps: Self.embedded)
    }

    package init(pool: ConnectionPool, observer: Observer, steps: [Step]) {
        self.pool = pool
        self.observer = observer
        self.steps = steps
    }

    /// Applies the steps that are missing; waits while another process does. Returns the names of the steps applied.
    @discardableResult
    package func migrate() async throws -> [String] {
        let (steps, observer) = (steps, observer)
        // A step may take long, and a migrator that waits for another must not be ended for it.
        var configuration = pool.configuration
        configuration.statementTimeout = .seconds(6 * 3600)
        let patientPool = ConnectionPool(configuration, limit: 1, observer: observer)
        return try await patientPool.run { connection in
            // The lock is the session's, and the session ends with this pool.
            try connection.execute("SELECT pg_advisory_lock(\(Self.lockKey))")
            let applied = try Self.apply(steps, on: connection, observer: observer)
            try connection.execute("SELECT pg_advisory_unlock(\(Self.lockKey))")
            return applied
        }
    }

    /// "remaster" in ASCII, a number no one else has reason to lock.
    private static let lockKey: Int64 = 0x7265_6D61_7374_6572

    private static func apply(_ steps: [Step], on connection: borrowing Connection, observer: Observer) throws -> [String] {
        try connection.run(
            unescapedScript: """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    number integer CONSTRAINT schema_migrations_pkey PRIMARY KEY,
                    name text NOT NULL,
                    checksum bigint NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """)
        let applied: [AppliedStep] = try connection.query("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
        let known = steps.map(\.number).max() ?? 0
        if let last = applied.last, last.number > known { throw Problem.newerDatabase(step: last.number, known: known) }
        let checksums = Dictionary(uniqueKeysWithValues: applied.map { ($0.number, $0.checksum) })
        var names: [String] = []
        for step in steps {
            if let checksum = checksums[step.number] {
                guard checksum == step.checksum else { throw Problem.changed(step: step.name) }
                continue
            }
            try connection.transaction { transaction in
                try transaction.run(unescapedScript: step.script)
                try transaction.execute(
                    "INSERT INTO schema_migrations (number, name, checksum) VALUES (\(step.number), \(step.name), \(step.checksum))")
            }
            observer.logger.info("schema migrated", metadata: ["step": "\(step.name)"])
            names.append(step.name)
        }
        return names
    }

    private struct AppliedStep: RowDecodable {
        package let number: Int
        package let name: String
        let checksum: Int64

        init(row: inout Row) throws(PostgresError) {
            number = try row.next()
            name = try row.next()
            checksum = try row.next()
        }
    }

    /// The steps built into the program.
    package static let embedded: [Step] = (0..<remaster_migration_count()).map { index in
        let step = remaster_migration_at(index)
        let name = String(cString: step.name)
        guard let number = Int(name.prefix { $0 != "_" }) else { preconditionFailure("a step's name begins with its number: \(name)") }
        return Step(
            number: number, name: name,
            script: String(decoding: UnsafeBufferPointer(start: step.text, count: step.length), as: UTF8.self))
    }
}
