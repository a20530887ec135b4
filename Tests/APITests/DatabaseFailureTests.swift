import API
import Domain
import HTTP
import Postgres
import TestSupport
import Testing

/// What clients are told when the database fails.
@Suite("Failures of the database") struct DatabaseFailureTests {
    private static func answer(to error: any Error) throws -> Answer {
        let request = try #require(HTTPRequest(.get, "/api/v1/videos"))
        return Answer(ErrorRenderer(observer: TestCluster.observer).response(to: error, request))
    }

    @Test("What passes is 503 or 507 and says when to come back; anything else is 500")
    func states() async throws {
        let database = try await TestDatabase.empty()
        let expected: [(state: String, status: Int, code: String)] = [
            ("57P01", 503, "SERVICE_UNAVAILABLE"), ("57P02", 503, "SERVICE_UNAVAILABLE"), ("57P03", 503, "SERVICE_UNAVAILABLE"),
            ("53100", 507, "INSUFFICIENT_STORAGE"), ("53200", 503, "SERVICE_UNAVAILABLE"), ("53300", 503, "SERVICE_UNAVAILABLE"),
            ("25006", 503, "SERVICE_UNAVAILABLE"), ("57014", 503, "SERVICE_UNAVAILABLE"), ("40001", 503, "SERVICE_UNAVAILABLE"),
            ("40P01", 503, "SERVICE_UNAVAILABLE"), ("55P03", 503, "SERVICE_UNAVAILABLE"), ("23505", 500, "INTERNAL_SERVER_ERROR"),
            ("XX000", 500, "INTERNAL_SERVER_ERROR"),
        ]
        for (state, status, code) in expected {
            do {
                try await database.pool.run {
                    try $0.run(unescapedScript: "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)'; END $$")
                }
                Issue.record("\(state) was not raised")
            } catch let error as PostgresError {
                let answer = try Self.answer(to: error)
                #expect(answer.status == status, "\(state)")
                #expect(try answer.errorCode == code, "\(state)")
                #expect((answer.response.headers[.retryAfter] != nil) == (status != 500), "\(state)")
            }
        }
        await database.pool.close()
        for error in [PostgresError.unavailable(""), .connectionLost(""), .timedOut(waitedFor: .seconds(10)), .closed] {
            let answer = try Self.answer(to: error)
            #expect(answer.status == 503 && answer.response.headers[.retryAfter] != nil, "\(error)")
        }
        #expect(try Self.answer(to: PostgresError.bind(index: 1, problem: "")).status == 500)
    }

    @Test("A change that may have been made is said to be one, with what to do")
    func unknownOutcome() throws {
        let answer = try Self.answer(to: PostgresError.commitUnknown("server closed the connection"))
        #expect(answer.status == 503 && answer.response.headers[.retryAfter] != nil)
        #expect(try answer.errorCode == "OUTCOME_UNKNOWN")
        let message = try answer.text("message")
        #expect(message.contains("may have been made") && message.contains("Idempotency-Key"))
    }

    @Test("While the database's disk is full changes are 507, what is read goes on, and the key of a change is free afterwards")
    func fullDisk() async throws {
        try await APIHarness.with { api in
            let body = JSON.members(["name": .string("Reels")]).utf8
            let headers: HeaderFields = ["X-API-Key": api.key, "Idempotency-Key": "k"]
            try await api.database.pool.run {
                try $0.run(
                    unescapedScript: """
                        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                            AS $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;
                        CREATE TRIGGER refuse BEFORE INSERT ON projects FOR EACH ROW EXECUTE FUNCTION refuse();
                        """)
            }
            // Not by `send`: the contract knows no 507.
            let request = try #require(HTTPRequest(.post, "/api/v1/projects", headers: headers, body: body))
            let refused = Answer(await api.router.respond(to: request))
            #expect(refused.status == 507)
            let described = try #require(api.description.operation("POST", "/v1/projects"))
            try api.description.check(described.json, status: 507, contentType: "application/json", body: refused.bytes)
            try await api.call(.get, "/v1/projects", expecting: 200)
            try await api.database.pool.run { try $0.run(unescapedScript: "DROP FUNCTION refuse CASCADE") }
            try await api.send(.post, "/v1/projects", body, headers: headers, expecting: 201)
        }
    }
}
