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

    /// An event as it was written by a transaction of that number, so long ago; nil for one written here. Returns its position.
    private static func insert(
        _ type: EventType, numbered transaction: Int64? = nil, age: Duration = .zero, team: ID<Team>? = nil, _ fixture: Fixture
    ) async throws -> Int64 {
        let team = team ?? fixture.account.team.id
        let position = try await fixture.pool.run {
            try $0.value(
                """
                INSERT INTO team_events (id, team_id, event_type, video_id, occurred_at, transaction)
                VALUES (gen_random_uuid(), \(team), \(type), gen_random_uuid(), now() - make_interval(secs => \(age)),
                    coalesce(\(transaction), pg_current_xact_id()::text::bigint)) RETURNING position
                """, as: Int64.self)
        }
        return try #require(position)
    }

    /// Makes the database one that was restored from a backup of another server.
    private static func comeFromElsewhere(_ fixture: Fixture) async throws {
        try await fixture.pool.run { try $0.execute("UPDATE event_numbering SET cluster = 'another'") }
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
            try await Self.comeFromElsewhere(fixture)
            #expect(try await store.adoptRestored() == 2)
            #expect(try await store.adoptRestored() == 0)
            let events = try await Self.read(3, after: Self.beginning, fixture)
            #expect(events.map(\.type) == [.videoInStarted, .videoInDone, .videoInIngestionStarted])
            #expect(events.map(\.cursor.position) == restored + [own])
            #expect(events.map { $0.cursor.transaction == 0 } == [true, true, false])
        }
    }

    @Test("the events are not read again where the database is marked as this server's")
    func marked() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            _ = try await Self.insert(.videoInStarted, numbered: Self.far, fixture)
            #expect(try await store.adoptRestored() == 0)
            try await Self.comeFromElsewhere(fixture)
            #expect(try await store.adoptRestored() == 1)
            _ = try await Self.insert(.videoInDone, numbered: Self.far, fixture)
            #expect(try await store.adoptRestored() == 0)
        }
    }

    @Test("of several processes that start at once, one puts them in their place")
    func concurrent() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            for _ in 0..<3 { _ = try await Self.insert(.videoInStarted, numbered: Self.far, fixture) }
            try await Self.comeFromElsewhere(fixture)
            async let one = store.adoptRestored()
            async let other = store.adoptRestored()
            let counts = try await [one, other]
            #expect(counts.sorted() == [0, 3])
        }
    }

    @Test("a backup made before databases were marked is told by its rows", arguments: [true, false])
    func unmarked(isRestored: Bool) async throws {
        let database = try await TestDatabase.empty()
        let earlier = Migrator.embedded.filter { $0.number < 25 }
        try await Migrator(pool: database.pool, observer: TestCluster.observer, steps: earlier).migrate()
        let account = try await Fixture.makeAccount(database.pool, "owner@example.com")
        let fixture = Fixture(database: database, account: account)
        let store = TeamEventStore(pool: database.pool)
        let last = try await Self.insert(.videoInStarted, numbered: isRestored ? Self.far : nil, fixture)
        try await Migrator(pool: database.pool, observer: TestCluster.observer).migrate()
        #expect(try await store.adoptRestored() == (isRestored ? 1 : 0))
        // 1 is a number that every server has given out.
        let given = EventCursor(transaction: 1, position: last)
        #expect(try await store.place(of: given, scope: fixture.scope) == (isRestored ? Self.beginning : given))
        await database.pool.close()
    }

    @Test("readers go on no later than where they stood by the numbers of the old server, also behind what the backup has")
    func resumed() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            let first = try await Self.insert(.videoInStarted, numbered: Self.far, age: .seconds(7200), fixture)
            // Written before `read` by a transaction that came after its own: readers of the old server had it later.
            _ = try await Self.insert(.videoInDone, numbered: Self.far + 2, fixture)
            let read = try await Self.insert(.videoInIngestionStarted, numbered: Self.far + 1, fixture)
            try await Self.comeFromElsewhere(fixture)
            #expect(try await store.adoptRestored() == 3)
            _ = try await Self.insert(.videoInIngestionDone, fixture)

            let place = try await store.place(of: EventCursor(transaction: Self.far + 1, position: read), scope: fixture.scope)
            #expect(place == EventCursor(transaction: 0, position: first))
            let rest = try await Self.read(3, after: place, fixture)
            #expect(rest.map(\.type) == [.videoInDone, .videoInIngestionStarted, .videoInIngestionDone])

            // Read after the backup was made: the restored database gives its position out again.
            let lost = try await store.place(of: EventCursor(transaction: Self.far + 3, position: 1000), scope: fixture.scope)
            #expect(lost == place)

            // A number that this server has come to already, of an event that is not its own.
            let passed = try await store.place(of: EventCursor(transaction: 5, position: first), scope: fixture.scope)
            #expect(passed == Self.beginning)

            for event in try await Self.read(4, after: Self.beginning, fixture) {
                #expect(try await store.place(of: event.cursor, scope: fixture.scope) == event.cursor)
            }
        }
    }

    @Test("a reader stays where it stood on a database that was never restored, whatever teams it has lost")
    func lostTeam() async throws {
        try await Fixture.with { fixture in
            let store = TeamEventStore(pool: fixture.pool)
            let other = try await Fixture.makeAccount(fixture.pool, "other@example.com")
            _ = try await Self.insert(.videoInStarted, team: other.team.id, fixture)
            _ = try await Self.insert(.videoInDone, fixture)
            let last = try #require(try await Self.read(1, after: Self.beginning, fixture).last)
            #expect(try await store.place(of: last.cursor, scope: TeamScope(other.team.id)) == last.cursor)
            // But no reader was given a number that the server has not come to.
            let ahead = EventCursor(transaction: Self.far, position: last.cursor.position)
            #expect(try await store.place(of: ahead, scope: fixture.scope) == Self.beginning)
        }
    }
}
