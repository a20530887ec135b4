import Postgres
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
            let store = IdempotencyStore(pool: fixture.pool)
            let user = fixture.account.user.id
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .first)
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .underWay)
            #expect(try await store.claim("k", user: user, fingerprint: [2]) == .mismatch)
            try await store.finish("k", user: user, status: 202, body: [7])
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .repeated(status: 202, body: [7]))
            try await store.abandon("k", user: user)
            #expect(try await store.claim("k", user: user, fingerprint: [1]) == .repeated(status: 202, body: [7]))
            try await fixture.pool.run { try $0.execute("UPDATE idempotency_keys SET created_at = now() - interval '2 days'") }
            #expect(try await store.claim("k", user: user, fingerprint: [3]) == .first)
            try await store.abandon("k", user: user)
            #expect(try await store.claim("k", user: user, fingerprint: [4]) == .first)
        }
    }
}
