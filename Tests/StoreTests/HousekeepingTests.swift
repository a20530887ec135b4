import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Settings and repeated requests")
struct HousekeepingTests {
    @Test("of several processes that set a value at first, one wins and all agree")
    func settings() async throws {
        try await Fixture.with(connections: 4) { fixture in
            let settings = SettingStore(pool: fixture.pool)
            let values = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for index in 0..<4 { group.addTask { try await settings.valueOrSet("key", [UInt8(index)]) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(values).count == 1)
            #expect(try await settings.value("key") == values.first)
            try await settings.set("key", [9])
            #expect(try await settings.value("key") == [9])
            #expect(try await settings.value("other") == nil)
        }
    }

    @Test("a repeated request gets the first one's answer, another request with its key is told apart")
    func idempotency() async throws {
        try await Fixture.with { fixture in
            let presence = ServerPresence(fixture.database.configuration, observer: TestCluster.observer)
            try await presence.announce()
            let store = IdempotencyStore(pool: fixture.pool, presence: presence)
            let user = fixture.account.user.id
            let first = try await Self.claimed(store, user, [1])
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .underWay)
            #expect(try await store.claim("k", user: user, fingerprint: [2]) == .mismatch)
            try await store.finish(first, status: 202, body: [7], location: "/a")
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .repeated(status: 202, body: [7], location: "/a"))
            try await store.abandon(first)
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .repeated(status: 202, body: [7], location: "/a"))
            try await fixture.pool.run { try $0.execute("UPDATE idempotency_keys SET created_at = now() - interval '2 days'") }
            try await store.abandon(try await Self.claimed(store, user, [3]))
            _ = try await Self.claimed(store, user, [4])
            await presence.end()
        }
    }

    @Test("a request of this process whose answer could not be kept is not under way any more")
    func lostAnswer() async throws {
        try await Fixture.with { fixture in
            let presence = ServerPresence(fixture.database.configuration, observer: TestCluster.observer)
            try await presence.announce()
            let store = IdempotencyStore(pool: fixture.pool, presence: presence)
            let (user, projects) = (fixture.account.user.id, ProjectStore(pool: fixture.pool))
            store.release(try await Self.claimed(store, user, [1]))
            // Nothing was changed: the next one is the first.
            var scope = RequestScope()
            let claim = try await Self.claimed(store, user, [1])
            scope.claim = claim
            let made = try await RequestScope.$current.withValue(scope) {
                try await projects.create(team: fixture.account.team.id, name: "Once")
            }
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .underWay)
            store.release(claim)
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .answerLost([made.id.uuid]))
            await presence.end()
        }
    }

    /// A session that ends gives its locks up a moment later: while the key is under way it is asked for again.
    private static func claimed(
        _ store: IdempotencyStore, _ user: ID<User>, _ fingerprint: [UInt8]
    ) async throws -> IdempotencyStore.HeldClaim {
        while true {
            switch try await store.claim("k", user: user, fingerprint: fingerprint) {
            case .first(let claim): return claim
            case .underWay: await Task.yield()
            case .repeated, .answerLost, .mismatch: throw Unexpected.claim
            }
        }
    }

    private enum Unexpected: Error { case claim }

    @Test("the key of a process that is gone is free at once, but not what it had changed", .timeLimit(.minutes(2)))
    func lostProcess() async throws {
        try await Fixture.with { fixture in
            let (user, projects) = (fixture.account.user.id, ProjectStore(pool: fixture.pool))
            let (dying, living) = (
                ServerPresence(fixture.database.configuration, observer: TestCluster.observer),
                ServerPresence(fixture.database.configuration, observer: TestCluster.observer)
            )
            try await dying.announce()
            try await living.announce()
            let before = IdempotencyStore(pool: fixture.pool, presence: dying)
            let after = IdempotencyStore(pool: fixture.pool, presence: living)
            var scope = RequestScope()
            scope.claim = try await Self.claimed(before, user, [1])
            #expect(try await after.claim("k", user: user, fingerprint: [1]) == .underWay)
            await dying.end()
            // Nothing was changed: another process carries the request out, and the first can change nothing any more.
            let taken = try await Self.claimed(after, user, [1])
            await #expect(throws: StoreError.conflict(.idempotencyClaimLost)) {
                try await RequestScope.$current.withValue(scope) { try await projects.create(team: fixture.account.team.id, name: "Late") }
            }
            scope.claim = taken
            let made = try await RequestScope.$current.withValue(scope) {
                try await projects.create(team: fixture.account.team.id, name: "Once")
            }
            #expect(try await after.claim("k", user: user, fingerprint: [1]) == .underWay)
            await living.end()
            // Something was: it is not carried out again, and what came of it is told.
            let last = ServerPresence(fixture.database.configuration, observer: TestCluster.observer)
            try await last.announce()
            let third = IdempotencyStore(pool: fixture.pool, presence: last)
            var claim = IdempotencyStore.Claim.underWay
            while claim == .underWay { claim = try await third.claim("k", user: user, fingerprint: [1]) }
            #expect(claim == .answerLost([made.id.uuid]))
            #expect(try await third.claim("k", user: user, fingerprint: [2]) == .mismatch)
            await last.end()
        }
    }
}
