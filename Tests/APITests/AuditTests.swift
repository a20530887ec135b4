import API
import Credentials
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct AuditTests {
    /// Less the one of the account's creation.
    private static func entries(_ api: APIHarness, _ query: String = "", key: String? = nil) async throws -> [JSON] {
        let items = try await api.call(.get, "/v1/audit-log?pageSize=100" + query, key: key, expecting: 200).json["items"]?.items ?? []
        return items.filter { $0["operation"] != .string("account create") }
    }

    @Test("Every change is there: who, what, when, by which request") func changes() async throws {
        try await APIHarness.with { api in
            let made = try await api.call(.post, "/v1/projects", .members(["name": .string("Harbour")]), expecting: 201)
            let project = try made.text("id")
            try await api.call(.patch, "/v1/projects/\(project)", .members(["name": .string("Port")]), expecting: 200)
            try await api.call(.delete, "/v1/projects/\(project)", expecting: 204)
            let entries = try await Self.entries(api)
            #expect(entries.map { $0["operation"]?.text } == ["POST /v1/projects", "PATCH /v1/projects/{id}", "DELETE /v1/projects/{id}"])
            #expect(entries.map { $0["statusCode"]?.integer } == [201, 200, 204])
            #expect(entries.allSatisfy { $0["subjectIds"]?.items == [.string(project)] })
            #expect(entries.allSatisfy { $0["userId"] == .string(api.account.user.id.description) && $0["actor"] == .string("USER") })
            #expect(entries.allSatisfy { $0["teamId"] == .string(api.account.team.id.description) && $0["apiKeyId"] != nil })
            #expect(entries[0]["requestId"]?.text == made.response.headers["X-Request-Id"])
            #expect(entries[1]["path"] == .string("/api/v1/projects/\(project)"))
        }
    }

    @Test("A change and its entry are made together or not at all") func together() async throws {
        try await APIHarness.with { api in
            let body = JSON.members(["name": .string("Harbour")])
            func projects() async throws -> Int? {
                try await api.database.pool.run { try $0.value("SELECT count(*) FROM projects WHERE name = 'Harbour'", as: Int.self) }
            }
            for (table, timing) in [("audit_log", "BEFORE INSERT"), ("projects", "AFTER INSERT")] {
                try await api.database.pool.run { connection in
                    try connection.run(
                        unescapedScript: """
                            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
                            CREATE TRIGGER refuse \(timing) ON \(table) FOR EACH ROW EXECUTE FUNCTION refuse();
                            """)
                }
                let answer = try await api.call(.post, "/v1/projects", body, expecting: 500)
                #expect(try answer.errorCode == "INTERNAL_SERVER_ERROR")
                #expect(try await projects() == 0, "\(table)")
                try await api.database.pool.run { try $0.run(unescapedScript: "DROP FUNCTION refuse CASCADE") }
                #expect(try await Self.entries(api).isEmpty, "\(table)")
            }
            try await api.call(.post, "/v1/projects", body, expecting: 201)
            #expect(try await projects() == 1)
            #expect(try await Self.entries(api).count == 1)
        }
    }

    @Test("An entry names what was made before the answer is sent") func made() async throws {
        try await APIHarness.with { api in
            try await api.call(.post, "/v1/projects", .members(["name": .string("Harbour")]), expecting: 201)
            // As if the process had been killed between the change and its answer.
            try await api.database.pool.run { connection in
                try connection.run(
                    unescapedScript: """
                        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
                        CREATE TRIGGER refuse BEFORE UPDATE OF status ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse();
                        """)
            }
            let project = try await api.call(.post, "/v1/projects", .members(["name": .string("Port")]), expecting: 201).text("id")
            let entry = try #require(try await Self.entries(api).last)
            #expect(entry["subjectIds"]?.items == [.string(project)] && entry["statusCode"] == nil)
        }
    }

    @Test("What is refused or only read is no change") func refusals() async throws {
        try await APIHarness.with { api in
            try await api.call(.post, "/v1/projects", .members([:]), expecting: 400)
            try await api.call(.delete, "/v1/projects/\(ID<Project>())", expecting: 404)
            try await api.call(.get, "/v1/projects", expecting: 200)
            #expect(try await Self.entries(api).isEmpty)
        }
    }

    @Test("Entries are told by the row's team; other teams see nothing of them") func scope() async throws {
        try await APIHarness.with { api in
            let pool = api.database.pool
            let second = try await TeamStore(pool: pool).create(name: "Second", owner: api.account.user.id, apiEnabled: true)
            let project = try await api.call(
                .post, "/v1/projects?selectTeamId=\(second.id)", .members(["name": .string("There")]), expecting: 201
            ).text("id")
            try await api.call(.patch, "/v1/projects/\(project)", .members(["name": .string("Here")]), expecting: 200)
            let master = try await api.startImport()
            try await api.call(.delete, "/v1/videos/\(master)", expecting: 200)
            #expect(try await Self.entries(api, "&teamId=\(second.id)").count == 2)
            let first = try await Self.entries(api, "&teamId=\(api.account.team.id)&sortDirection=DESC")
            #expect(first.map { $0["operation"]?.text } == ["DELETE /v1/videos/{videoId}", "POST /v1/videos/in/https"])
            #expect(first.allSatisfy { $0["subjectIds"]?.items?.contains(.string(master.description)) == true })
            let key = try await api.strangersKey()
            #expect(try await Self.entries(api, key: key).isEmpty)
            try await api.call(.get, "/v1/audit-log?teamId=\(second.id)", key: key, expecting: 404)
        }
    }

    @Test("Changes of API keys concern the user alone; locks and unlocks are there too") func account() async throws {
        try await APIHarness.with { api in
            let key = try await api.signedIn(
                .post, "/v1/api-keys", .members(["name": .string("second"), "active": .boolean(false)]), expecting: 201
            ).text("id")
            for _ in 0..<10 { try await api.signedIn(.get, "/v1/api-keys", password: "wrong", expecting: 401) }
            let accounts = AccountStore(pool: api.database.pool)
            #expect(try await accounts.unlock(api.account.user.id))
            try await api.signedIn(.get, "/v1/api-keys", expecting: 200)
            #expect(try await !accounts.unlock(api.account.user.id))
            await #expect(throws: StoreError.notFound(.user)) { _ = try await accounts.unlock(ID()) }
            let entries = try await Self.entries(api)
            #expect(
                entries.map { $0["operation"]?.text }
                    == ["POST /v1/api-keys", "lock account after wrong passwords", "account unlock", "account unlock"])
            #expect(entries.map { $0["actor"]?.text } == ["USER", "SYSTEM", "OPERATOR", "OPERATOR"])
            #expect(entries[0]["subjectIds"]?.items == [.string(key)] && entries[0]["teamId"] == nil)
            #expect(try await Self.entries(api, key: try await api.strangersKey()).isEmpty)
        }
    }

    @Test("A key that nobody uses is marked, shown so, and deleted a week later") func unusedKey() async throws {
        try await APIHarness.with { api in
            let id = try await api.signedIn(
                .post, "/v1/api-keys", .members(["name": .string("old"), "active": .boolean(true)]), expecting: 201
            ).text("id")
            let keys = APIKeyStore(pool: api.database.pool)
            try await api.database.pool.run {
                try $0.execute("UPDATE api_keys SET created_at = now() - interval '91 days' WHERE name = 'old'")
            }
            #expect(try await keys.deleteUnused() == 0)
            #expect(try await api.signedIn(.get, "/v1/api-keys/\(id)", expecting: 200).json["deletionEligibleAt"] != nil)
            try await api.database.pool.run {
                try $0.execute("UPDATE api_keys SET deletion_eligible_at = now() - interval '1 second' WHERE name = 'old'")
            }
            #expect(try await keys.deleteUnused() == 1)
            try await api.signedIn(.get, "/v1/api-keys/\(id)", expecting: 404)
            #expect(try await Self.entries(api).last?["operation"] == .string("delete unused API key"))
        }
    }

    @Test("Ranges and pages are those of every list") func pages() async throws {
        try await APIHarness.with { api in
            for name in ["a", "b", "c"] { try await api.call(.post, "/v1/projects", .members(["name": .string(name)]), expecting: 201) }
            try await api.database.pool.run {
                try $0.execute(
                    "UPDATE audit_log SET created_at = '2026-03-04T12:00:00Z' WHERE id = (SELECT id FROM audit_log WHERE actor = 'USER' LIMIT 1)"
                )
            }
            let page = try await api.call(.get, "/v1/audit-log?pageSize=2&pageNumber=1", expecting: 200).json
            #expect(page["totalElements"] == .integer(4) && page["numberOfElements"] == .integer(2))
            let instant = "2026-03-04T12:00:00.000Z"
            #expect(try await Self.entries(api, "&fromDateTime=\(instant)&toDateTime=\(instant)").count == 1)
            let range = try await api.call(.get, "/v1/audit-log?fromDateTime=2026-03-05T00:00:00Z&toDateTime=\(instant)", expecting: 400)
            #expect(try range.errorCode == "INVALID_DATE_TIME_RANGE")
            try await api.database.pool.run { try $0.execute("UPDATE audit_log SET created_at = now() - interval '731 days'") }
            #expect(try await AuditStore(pool: api.database.pool).prune() == 4)
        }
    }
}
