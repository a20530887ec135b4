import API
import Domain
import HTTP
import Postgres
import Store
import TestSupport
import Testing

@Suite("Idempotency-Key") struct IdempotencyTests {
    private static let project = JSON.members(["name": .string("Reels")])

    private static func post(
        _ api: APIHarness, _ path: String, _ body: JSON?, key: String, expecting status: Int
    ) async throws -> Answer {
        try await api.send(
            .post, path, body?.utf8 ?? [], headers: ["X-API-Key": api.key, "Idempotency-Key": key], expecting: status)
    }

    private static func projectCount(_ api: APIHarness) async throws -> Int? {
        try await api.call(.get, "/v1/projects", expecting: 200).json["totalElements"]?.integer
    }

    @Test("A repeated request is answered like the first and carried out once") func repeats() async throws {
        try await APIHarness.with { api in
            let first = try await Self.post(api, "/v1/projects", Self.project, key: "k-1", expecting: 201)
            let count = try await Self.projectCount(api)
            let second = try await Self.post(api, "/v1/projects", Self.project, key: "k-1", expecting: 201)
            #expect(try first.json == second.json)
            #expect(first.response.headers["Idempotency-Replayed"] == nil)
            #expect(second.response.headers["Idempotency-Replayed"] == "true")
            #expect(second.response.headers["X-RateLimit-Remaining"] != nil)
            #expect(try await Self.projectCount(api) == count)
            _ = try await Self.post(api, "/v1/projects", Self.project, key: "k-2", expecting: 201)
            #expect(try await Self.projectCount(api) == count.map { $0 + 1 })
        }
    }

    @Test("The same key for another request is refused: other body, other path, other query") func mismatches() async throws {
        try await APIHarness.with { api in
            _ = try await Self.post(api, "/v1/projects", Self.project, key: "k", expecting: 201)
            let other = try await Self.post(api, "/v1/projects", .members(["name": .string("Other")]), key: "k", expecting: 422)
            #expect(try other.errorCode == "IDEMPOTENCY_KEY_REUSED")
            _ = try await Self.post(api, "/v1/projects?selectTeamId=\(api.account.team.id)", Self.project, key: "k", expecting: 422)
            _ = try await Self.post(api, "/v1/processing-configurations", Self.project, key: "k", expecting: 422)
        }
    }

    @Test("A refused request leaves its key free") func refusals() async throws {
        try await APIHarness.with { api in
            _ = try await Self.post(api, "/v1/projects", .members([:]), key: "k", expecting: 400)
            _ = try await Self.post(api, "/v1/projects", Self.project, key: "k", expecting: 201)
        }
    }

    @Test("A key must be printable ASCII of 1 to 255 characters", arguments: ["", "caf\u{e9}", String(repeating: "k", count: 256)])
    func malformed(key: String) async throws {
        try await APIHarness.with { api in
            let answer = try await Self.post(api, "/v1/projects", Self.project, key: key, expecting: 400)
            #expect(try answer.fields == ["Idempotency-Key"])
        }
    }

    @Test("Of two requests at once with one key, one is carried out") func concurrent() async throws {
        try await APIHarness.with { api in
            let before = try await Self.projectCount(api)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...6 {
                    group.addTask {
                        try await api.send(
                            .post, "/v1/projects", Self.project.utf8, headers: ["X-API-Key": api.key, "Idempotency-Key": "k"]
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.contains(201) && statuses.allSatisfy { [201, 409].contains($0) })
            #expect(try await Self.projectCount(api) == before.map { $0 + 1 })
        }
    }

    @Test("What a process that died had changed is not done again; where it had changed nothing, it is") func lostProcess() async throws {
        try await APIHarness.with { api in
            let path = "/v1/projects"
            let body = JSON.members(["name": .string("Once")])
            func send(_ key: String, expecting status: Int) async throws -> Answer {
                try await api.send(
                    .post, path, body.utf8, headers: ["X-API-Key": api.key, "Idempotency-Key": "\(key)"], expecting: status)
            }
            let made = try await send("changed", expecting: 201).text("id")
            _ = try await send("unchanged", expecting: 201)
            // As a kill leaves them: the one after its change, the other before it, both without their process.
            try await api.database.pool.run {
                try $0.execute(
                    """
                    UPDATE idempotency_keys SET status = NULL, body = NULL, holder = 42,
                        changed_at = CASE key WHEN 'changed' THEN now() END
                    """)
            }
            let before = try await Self.projectCount(api)
            let lost = try await send("changed", expecting: 409)
            #expect(try lost.errorCode == "IDEMPOTENCY_KEY_ANSWER_LOST")
            #expect(try lost.json["errorDetails"]?["subjectIds"]?.items == [.string(made)])
            #expect(try await Self.projectCount(api) == before)
            _ = try await send("unchanged", expecting: 201)
            #expect(try await Self.projectCount(api) == before.map { $0 + 1 })
        }
    }

    @Test("An API key is made once, and what is kept of the answer is sealed") func apiKeys() async throws {
        try await APIHarness.with { api in
            let body = JSON.members(["name": .string("robot"), "active": .boolean(false)])
            let token = "Basic \(APIHarness.basicToken)"
            func create() async throws -> Answer {
                try await api.send(
                    .post, "/v1/api-keys", body.utf8, headers: [.authorization: token, "Idempotency-Key": "k"], expecting: 201)
            }
            let first = try await create()
            let second = try await create()
            #expect(try first.json == second.json)
            let secret = try first.text("apiKey")
            let plain = try await api.database.pool.run {
                try $0.value(
                    "SELECT count(*) FROM idempotency_keys WHERE position(\(Bytea(Array(secret.utf8))) IN body) > 0", as: Int.self)
            }
            #expect(plain == 0)
        }
    }

    @Test("What an answer calls its Location is the same for a repetition, and has the public address with its path")
    func location() async throws {
        // The description that all tests share is read by the first harness: not by one that has an address of its own.
        try await APIHarness.with { _ in }
        let body = JSON.members(["name": .string("Reel"), "fileName": .string("reel.mov"), "size": .integer(10)])
        let addresses = [
            (PublicAddress.ofEachRequest, ""), (try PublicAddress("https://example.com/media/"), "https://example.com/media"),
        ]
        for (address, base) in addresses {
            var settings = APISettings()
            settings.address = address
            try await APIHarness.with(settings) { api in
                let first = try await Self.post(api, "/v1/uploads", body, key: "k", expecting: 201)
                let second = try await Self.post(api, "/v1/uploads", body, key: "k", expecting: 201)
                let location = try "\(base)/api/v1/uploads/\(first.text("id"))"
                #expect(first.response.headers[.location] == location)
                #expect(second.response.headers["Idempotency-Replayed"] == "true")
                #expect(second.response.headers[.location] == location)
                let project = try await Self.post(api, "/v1/projects", Self.project, key: "p", expecting: 201)
                let repeated = try await Self.post(api, "/v1/projects", Self.project, key: "p", expecting: 201)
                #expect(project.response.headers[.location] == nil && repeated.response.headers[.location] == nil)
            }
        }
    }
}
