import FoundationEssentials
import Postgres
import TestSupport
import Testing

import Store

@Suite("Schema")
struct SchemaTests {
    /// Tables, columns, constraints and indexes as the server has them, in alphabetical order.
    private static let description: SQL = """
        WITH tables AS (
            SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind = 'r'
        ), lines AS (
            SELECT name, 0 AS part, attnum::text AS key, '    ' || attname || ' ' || format_type(atttypid, atttypmod)
                || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
                || CASE WHEN attidentity = 'a' THEN ' IDENTITY' ELSE '' END
                || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line, attnum
            FROM tables JOIN pg_attribute a ON a.attrelid = tables.oid AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            UNION ALL
            SELECT name, 1, conname, '    CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(o.oid), 0
            FROM tables JOIN pg_constraint o ON o.conrelid = tables.oid AND o.contype <> 'n'
            UNION ALL
            SELECT name, 2, relname, '    ' || pg_get_indexdef(indexrelid), 0
            FROM tables JOIN pg_index i ON i.indrelid = tables.oid JOIN pg_class c ON c.oid = i.indexrelid
            WHERE NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid)
            UNION ALL
            SELECT name, -1, '', 'TABLE ' || name, 0 FROM tables
        )
        SELECT line FROM lines ORDER BY name COLLATE "C", part, attnum, key COLLATE "C"
        """

    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden/schema.sql").path

    @Test("the migrated schema is the one that was reviewed; REMASTER_GOLDEN=write writes it anew")
    func golden() async throws {
        let lines = try await TestDatabase.withMigrated { database in
            try await database.pool.run { try $0.values(Self.description, as: String.self) }
        }
        let text = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["REMASTER_GOLDEN"] == "write" {
            try text.write(toFile: Self.golden, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOfFile: Self.golden, encoding: .utf8)
        for (line, wanted) in zip(lines, expected.split(separator: "\n")) where line != wanted {
            Issue.record("the schema has '\(line)' where '\(wanted)' was reviewed")
            break
        }
        #expect(text == expected)
    }

    @Test("every constraint was given its name")
    func namedConstraints() async throws {
        let scripts = Migrator.embedded.map(\.script).joined()
        let names = try await TestDatabase.withMigrated { database in
            try await database.pool.run {
                try $0.values(
                    """
                    SELECT conname::text FROM pg_constraint o JOIN pg_namespace n ON n.oid = o.connamespace
                    WHERE n.nspname = 'public' AND o.contype <> 'n' AND conname NOT LIKE 'schema_migrations%'
                    """, as: String.self)
            }
        }
        for name in names { #expect(scripts.contains(name), "\(name) is a name the server made up") }
    }

    @Test(
        "the lease query walks the index of what can be taken, however much has ended",
        arguments: [
            (["import", "export"], "IN ('import', 'export')", "segments_transfers_idx"),
            (["ingest", "analyse", "encode", "assemble"], "NOT IN ('import', 'export')", "segments_processing_idx"),
        ])
    func leasePlan(kinds: [String], side: String, index: String) async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.startProcessing(of: source, segments: 2000)
            let plan = try await fixture.pool.run { connection in
                try connection.run(
                    unescapedScript: "UPDATE segments SET state = 'succeeded' WHERE kind = 'encode' AND ordinal < 1990; ANALYZE segments")
                return try connection.values(
                    """
                    EXPLAIN SELECT id FROM segments WHERE state = 'available' AND not_before <= now() AND kind = ANY(\(kinds))
                        AND kind \(unescaped: side)
                    ORDER BY priority DESC, position LIMIT 1 FOR UPDATE SKIP LOCKED
                    """, as: String.self
                ).joined(separator: "\n")
            }
            #expect(plan.contains(index), "\(plan)")
        }
    }
}
