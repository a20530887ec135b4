import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// Deletions beside what happens at the same time.
@Suite(.timeLimit(.minutes(1))) struct DeletionTests {
    /// A video made from another one, as far as the database goes: a copy of its row.
    private static func insertCopy(_ id: ID<Video>, of source: ID<Video>, in transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO videos SELECT (jsonb_populate_record(v, jsonb_build_object(
                'id', \(id.description)::text, 'source_id', \(source.description)::text))).*
            FROM videos v WHERE id = \(source)
            """)
    }

    @Test("What is just being made from a derived video goes with it") func race() async throws {
        try await Fixture.with { fixture in
            let root = try await fixture.startProcessing(of: try await fixture.makeMaster()).id
            let (derived, child) = (ID<Video>(), ID<Video>())
            try await fixture.pool.transaction { try Self.insertCopy(derived, of: root, in: $0) }
            let (isMade, made) = AsyncStream.makeStream(of: Void.self)
            // As a start from the derived video does: it is held, and its own video is not seen yet.
            let start = Task {
                try await fixture.pool.transaction { transaction in
                    try transaction.execute("SELECT FROM videos WHERE id = \(derived) FOR SHARE")
                    try Self.insertCopy(child, of: derived, in: transaction)
                    made.finish()
                    // Until the deletion waits for this transaction.
                    while try transaction.value(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid", as: Int.self)
                        == 0
                    {
                        try transaction.execute("SELECT pg_sleep(0.01)")
                    }
                }
            }
            for await _ in isMade {}
            let deleted = try await fixture.videos.delete(root, scope: fixture.scope)
            try await start.value
            #expect(Set(deleted) == [root, derived, child])
            #expect(try await fixture.videos.get(child, scope: fixture.scope) == nil)
        }
    }
}
