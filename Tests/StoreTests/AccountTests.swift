import Credentials
import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Accounts and keys")
struct AccountTests {
    @Test("an account comes with an API-enabled team and its default project")
    func create() async throws {
        try await Fixture.with { fixture in
            #expect(fixture.account.team.apiEnabled)
            let project = try await ProjectStore(pool: fixture.pool).defaultProject(of: fixture.account.team.id)
            #expect(project?.id == fixture.account.defaultProject.id)
            #expect(project?.name == "Default Project")
        }
    }

    @Test("an address is taken however it is capitalised")
    func emailTaken() async throws {
        try await Fixture.with { fixture in
            await #expect(throws: StoreError.conflict(.emailTaken)) {
                _ = try await Fixture.makeAccount(fixture.pool, "OWNER@Example.com")
            }
        }
    }

    @Test("ten wrong passwords lock the account, and the right one does not open it then")
    func locking() async throws {
        try await Fixture.with { fixture in
            let accounts = AccountStore(pool: fixture.pool)
            #expect(try await accounts.signIn(email: "Owner@example.com", password: "correct horse") == .succeeded(fixture.account.user))
            for _ in 1..<AccountStore.failuresUntilLocked {
                #expect(try await accounts.signIn(email: "owner@example.com", password: "wrong") == .wrongCredentials)
            }
            guard case .locked = try await accounts.signIn(email: "owner@example.com", password: "wrong") else {
                Issue.record("not locked")
                return
            }
            guard case .locked = try await accounts.signIn(email: "owner@example.com", password: "correct horse") else {
                Issue.record("the right password opened a locked account")
                return
            }
            try await fixture.pool.run { try $0.execute("UPDATE users SET locked_until = now() - interval '1 second'") }
            #expect(try await accounts.signIn(email: "owner@example.com", password: "correct horse") == .succeeded(fixture.account.user))
            #expect(try await accounts.signIn(email: "nobody@example.com", password: "x") == .wrongCredentials)
            #expect(try await accounts.signIn(email: "a\0b", password: "x") == .wrongCredentials)
        }
    }

    @Test("at most two keys are active, also when they are made at the same time")
    func keyLimit() async throws {
        try await Fixture.with(connections: 6) { fixture in
            let keys = APIKeyStore(pool: fixture.pool)
            let user = fixture.account.user.id
            let made = await withTaskGroup(of: APIKeyRecord?.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        do {
                            return try await keys.create(
                                for: user, name: "k\(index)", description: nil, isActive: true, secret: .generate())
                        } catch { return nil }
                    }
                }
                return await group.reduce(into: [APIKeyRecord]()) { if let key = $1 { $0.append(key) } }
            }
            #expect(made.count == 2)
            let third = try await keys.create(for: user, name: "k", description: nil, isActive: false, secret: .generate())
            await #expect(throws: StoreError.conflict(.activeAPIKeyLimit(2))) {
                _ = try await keys.setActive(third.id, user: user, true)
            }
            _ = try await keys.setActive(made[0].id, user: user, false)
            #expect(try await keys.setActive(third.id, user: user, true).isActive)
            #expect(try await keys.setActive(third.id, user: user, true).isActive)
        }
    }

    @Test("a key identifies its user and teams while it is active, and only an inactive one can be deleted")
    func keyLife() async throws {
        try await Fixture.with { fixture in
            let keys = APIKeyStore(pool: fixture.pool)
            let user = fixture.account.user.id
            let second = try await TeamStore(pool: fixture.pool).create(name: "Second", owner: user, apiEnabled: true)
            let closed = try await TeamStore(pool: fixture.pool).create(name: "Closed", owner: user, apiEnabled: false)
            let secret = APIKeySecret.generate()
            let key = try await keys.create(for: user, name: "k", description: "d", isActive: true, secret: secret)
            let caller = try #require(await keys.authenticate(secret))
            #expect(caller.user == user)
            #expect(caller.teams == [fixture.account.team.id, second.id])
            #expect(caller.defaultTeam == fixture.account.team.id)
            #expect(!caller.teams.contains(closed.id))
            #expect(try await keys.get(key.id, user: user)?.lastUsedAt != nil)
            #expect(try await keys.authenticate(.generate()) == nil)
            await #expect(throws: StoreError.conflict(.apiKeyActive)) { try await keys.delete(key.id, user: user) }
            _ = try await keys.setActive(key.id, user: user, false)
            #expect(try await keys.authenticate(secret) == nil)
            try await keys.delete(key.id, user: user)
            #expect(try await keys.get(key.id, user: user) == nil)
        }
    }

    @Test("keys unused for 90 days are marked, spared by use, and deleted after the notice")
    func unusedKeys() async throws {
        try await Fixture.with { fixture in
            let keys = APIKeyStore(pool: fixture.pool)
            let user = fixture.account.user.id
            let secret = APIKeySecret.generate()
            let used = try await keys.create(for: user, name: "used", description: nil, isActive: true, secret: secret)
            let unused = try await keys.create(for: user, name: "unused", description: nil, isActive: true, secret: .generate())
            try await fixture.pool.run { try $0.execute("UPDATE api_keys SET created_at = now() - interval '91 days'") }
            #expect(try await keys.deleteUnused() == 0)
            #expect(try await keys.get(used.id, user: user)?.deletionEligibleAt != nil)
            _ = try await keys.authenticate(secret)
            #expect(try await keys.get(used.id, user: user)?.deletionEligibleAt == nil)
            try await fixture.pool.run {
                try $0.execute("UPDATE api_keys SET deletion_eligible_at = now() - interval '1 day' WHERE deletion_eligible_at IS NOT NULL")
            }
            #expect(try await keys.deleteUnused() == 1)
            #expect(try await keys.get(unused.id, user: user) == nil)
        }
    }

    @Test("lists are paged in a stable order with totals")
    func paging() async throws {
        try await Fixture.with { fixture in
            let projects = ProjectStore(pool: fixture.pool)
            for index in 0..<24 { _ = try await projects.create(team: fixture.account.team.id, name: "P\(index)") }
            var seen: [ID<Project>] = []
            for number in 0..<3 {
                let page = try await projects.list(scope: fixture.scope, page: PageRequest(number: number, size: 10))
                #expect(page.total == 25)
                #expect(page.totalPages == 3)
                #expect(page.items.count == (number == 2 ? 5 : 10))
                seen += page.items.map(\.id)
            }
            #expect(Set(seen).count == 25)
            let descending = try await projects.list(scope: fixture.scope, page: PageRequest(size: 100, direction: .descending))
            #expect(descending.items.map(\.id) == seen.reversed())
            #expect(try await projects.list(scope: fixture.scope, page: PageRequest(number: 3)).items.isEmpty)
            #expect(try await projects.list(scope: fixture.scope, page: PageRequest(number: .max, size: 100)).items.isEmpty)
        }
    }

    @Test("a project with videos cannot be deleted, an empty one can")
    func deleteProject() async throws {
        try await Fixture.with { fixture in
            let projects = ProjectStore(pool: fixture.pool)
            _ = try await fixture.startImport()
            await #expect(throws: StoreError.conflict(.projectNotEmpty(videos: 1, uploads: 0))) {
                try await projects.delete(fixture.account.defaultProject.id, scope: fixture.scope)
            }
            let empty = try await projects.create(team: fixture.account.team.id, name: "Empty")
            try await projects.delete(empty.id, scope: fixture.scope)
            #expect(try await projects.get(empty.id, scope: fixture.scope) == nil)
        }
    }

    @Test("built-in configurations are everyone's and cannot be deleted")
    func configurations() async throws {
        try await Fixture.with { fixture in
            let configurations = ConfigurationStore(pool: fixture.pool)
            let id = ID<Configuration>()
            for _ in 0..<2 {
                try await configurations.installBuiltIn(id: id, name: "Built in", description: nil, options: .emptyObject)
            }
            let own = try await configurations.create(
                team: fixture.account.team.id, name: "Own", description: "d", options: JSONDocument(#"{"container": "MOV"}"#))
            let page = PageRequest()
            #expect(try await configurations.list(scope: fixture.scope, page: page).total == 2)
            #expect(try await configurations.list(scope: fixture.scope, builtInMode: .only, page: page).items.map(\.id) == [id])
            #expect(try await configurations.list(scope: fixture.scope, builtInMode: .exclude, page: page).items == [own])
            await #expect(throws: StoreError.conflict(.builtInConfiguration)) {
                try await configurations.delete(id, scope: fixture.scope)
            }
            try await configurations.delete(own.id, scope: fixture.scope)
        }
    }
}
