package import Postgres

/// Values of the installation that every process must agree on.
package struct SettingStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Nil when it was never set.
    package func value(_ name: String) async throws -> [UInt8]? {
        try await pool.run { try $0.value("SELECT value FROM server_settings WHERE name = \(name)", as: Bytea.self)?.bytes }
    }

    /// The value in force afterwards: `value`, or the one that was set earlier.
    package func valueOrSet(_ name: String, _ value: [UInt8]) async throws -> [UInt8] {
        try await pool.transaction { transaction in
            try transaction.execute(
                "INSERT INTO server_settings (name, value) VALUES (\(name), \(Bytea(value))) ON CONFLICT DO NOTHING")
            let kept = try transaction.value("SELECT value FROM server_settings WHERE name = \(name)", as: Bytea.self)
            return kept?.bytes ?? value
        }
    }

    package func set(_ name: String, _ value: [UInt8]) async throws {
        try await pool.run {
            try $0.execute(
                """
                INSERT INTO server_settings (name, value) VALUES (\(name), \(Bytea(value)))
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = now()
                """)
        }
    }
}
