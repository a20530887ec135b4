import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// Streams of events after a backup of the database was restored by a server that counts its transactions from the beginning.
@Suite("Events of a restored database", .timeLimit(.minutes(8)))
struct RestoredEventTests {
    private static let beginning = EventCursor(transaction: 0, position: 0)
    /// A number that the server of the tests will not come to.
    private static let far: Int64 = 9_000_000_000_000

    /// An event as it was written by a transaction of that number; nil for one written here. Returns its position.
    private static func insert(_ type: EventType, numbered transaction: Int64? = nil, _ fixture: Fixture) async throws -> Int64 {
        let team = fixture.account.team.id
        let position = try await fixture.pool.run {
            try $0.value(
                """
                INSERT INTO team_events (id, team_id, event_type, video_id, occurred_at, transaction)
                VALUES (gen_random_uuid(), \(team), \(type), gen_random_uuid(), now(),
                    coalesce(\(transaction), pg_current_xact_id()::text::bigint)) RETURNING position
                """, as: Int64.self)
        }
        return try #require(position)
    }

    /// All events after a place, as soon as there are so many: transactions of other tests in the same cluster hold new ones back.
    private static func read(_ count: Int, after cursor: EventCursor, _ fixture: Fixture) async throws -> [TeamEventRecord] {
        let store = TeamEventStore(pool: fixture.pool)
        var events: [TeamEventRecord] = []
        while events.count < count { events = try await store.events(after: cursor, scope: fixture.scope, limit: 10) }
        return events
    }

    @Test("they come first, in their order, whatever their numbers are, and only they are moved")
    func adopted() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            let restored = [
                try await Self.insert(.videoInStarted, numbered: Self.far, fixture),
                // A number that this server has given out as well.
                try await Self.insert(.videoInDone, numbered: 5, fixture),
            ]
            let own = try await Self.insert(.videoInIngestionStarted, fixture)
            #expect(try await store.adoptRestored() == 2)
            #expect(try await store.adoptRestored() == 0)
            let events = try await Self.read(3, after: Self.beginning, fixture)
            #expect(events.map(\.type) == [.videoInStarted, .videoInDone, .videoInIngestionStarted])
            #expect(events.map(\.cursor.position) == restored + [own])
            #expect(events.map { $0.cursor.transaction == 0 } == [true, true, false])
        }
    }

    @Test("readers go on where they stood by the numbers of the old server, also behind what the backup has")
    func resumed() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            let first = try await Self.insert(.videoInStarted, numbered: Self.far, fixture)
            _ = try await Self.insert(.videoInDone, numbered: Self.far + 1, fixture)
            _ = try await store.adoptRestored()
            _ = try await Self.insert(.videoInIngestionStarted, fixture)

            let place = try await store.place(of: EventCursor(transaction: Self.far, position: first), scope: fixture.scope)
            let rest = try await Self.read(2, after: place, fixture)
            #expect(rest.map(\.type) == [.videoInDone, .videoInIngestionStarted])

            // Read after the backup was made: the restored database gives its position out again.
            let lost = try await store.place(of: EventCursor(transaction: Self.far + 2, position: 1000), scope: fixture.scope)
            #expect(try await Self.read(1, after: lost, fixture).map(\.type) == [.videoInIngestionStarted])

            // A number that this server has come to already, of an event that is not its own.
            let passed = try await store.place(of: EventCursor(transaction: 5, position: first), scope: fixture.scope)
            #expect(try await Self.read(2, after: passed, fixture).map(\.type) == [.videoInDone, .videoInIngestionStarted])

            for event in try await Self.read(3, after: Self.beginning, fixture) {
                #expect(try await store.place(of: event.cursor, scope: fixture.scope) == event.cursor)
            }
        }
    }
}
