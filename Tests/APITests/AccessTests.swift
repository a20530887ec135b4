import API
import Credentials
import Domain
import Foundation
import HTTP
import Store
import TestSupport
import Testing

@Suite struct AccessTests {
    @Test("A key says who calls") func account() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(.get, "/v1/account", expecting: 200)
            #expect(try answer.text("user", "email") == APIHarness.email)
            #expect(try answer.text("defaultTeam", "name") == "Harbour Archive")
        }
    }

    @Test("A missing or wrong key is 401 and says so") func wrongKey() async throws {
        try await APIHarness.with { api in
            let missing = try await api.send(.get, "/v1/videos", expecting: 401)
            #expect(try missing.errorCode == "MISSING_API_KEY")
            #expect(missing.response.headers[.wwwAuthenticate] != nil)
            let wrong = try await api.call(.get, "/v1/videos", key: "rmk_nobody", expecting: 401)
            #expect(try wrong.errorCode == "INVALID_API_KEY")
            #expect(wrong.response.headers["X-RateLimit-Limit"] == "600")
        }
    }

    @Test("Errors carry request id, path with /api and time") func errorShape() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(.get, "/v1/videos/4fedb59e-6afe-5f41-8df0-29fa46f82cde?x", expecting: 400)
            #expect(try answer.text("requestPath") == "/api/v1/videos/4fedb59e-6afe-5f41-8df0-29fa46f82cde")
            #expect(try answer.text("timestamp") == "2026-03-04T12:00:00.000Z")
            #expect(try answer.text("requestId") == answer.response.headers["X-Request-Id"])
            let nowhere = try await api.send(.get, "/api/v1/nowhere", expecting: 404)
            #expect(try nowhere.errorCode == "NOT_FOUND")
            let method = try await api.send(.put, "/api/v1/videos", expecting: 405)
            #expect(method.response.headers[.allow] == "GET, HEAD, OPTIONS")
        }
    }

    @Test("A malformed request is told its path and its address's budget, and beyond it 429") func malformed() async throws {
        var settings = APISettings()
        settings.rateLimitPerMinute = 2
        try await APIHarness.with(settings) { api in
            for (remaining, status) in [("1", HTTPStatus.badRequest), ("0", .badRequest), ("0", .tooManyRequests)] {
                let failure = HTTPFailure(.malformed(.target), method: .get, path: "/api/v1/a%3Cb", remoteAddress: "192.0.2.1")
                let response = api.router.response(to: failure)
                #expect(response.status == status)
                #expect(response.headers["X-RateLimit-Limit"] == "2" && response.headers["X-RateLimit-Remaining"] == remaining)
                #expect((response.headers["Retry-After"] != nil) == (status == .tooManyRequests))
                let body = try Answer(response).json
                #expect(body["requestPath"] == .string("/api/v1/a%3Cb") && body["statusCode"] == .integer(Int64(status.code)))
            }
            let other = api.router.response(to: HTTPFailure(.malformed(.target), remoteAddress: "192.0.2.2"))
            #expect(other.status == .badRequest && other.headers["X-RateLimit-Remaining"] == "1")
        }
    }

    @Test("The budget of a key is counted down, and beyond it is 429") func rateLimit() async throws {
        var settings = APISettings()
        settings.rateLimitPerMinute = 3
        try await APIHarness.with(settings) { api in
            for remaining in [2, 1, 0] {
                let answer = try await api.call(.get, "/v1/teams", expecting: 200)
                #expect(answer.response.headers["X-RateLimit-Limit"] == "3")
                #expect(answer.response.headers["X-RateLimit-Remaining"] == "\(remaining)")
                #expect(answer.response.headers["X-RateLimit-Reset"] == "60")
            }
            let refused = try await api.call(.get, "/v1/teams", expecting: 429)
            #expect(try refused.errorCode == "TOO_MANY_REQUESTS")
            #expect(refused.response.headers["X-RateLimit-Retry-After"] == "60")
            #expect(refused.response.headers[.retryAfter] == "60")
            api.clock.advance(by: 60)
            try await api.call(.get, "/v1/teams", expecting: 200)
        }
    }

    @Test("API keys live from creation to deletion") func keyLifecycle() async throws {
        try await APIHarness.with { api in
            let body = JSON.members(["name": .string("ingest worker"), "description": .string("nightly"), "active": .boolean(true)])
            let created = try await api.signedIn(.post, "/v1/api-keys", body, expecting: 201)
            let id = try created.text("id")
            let key = try created.text("apiKey")
            #expect(try created.text("apiKeyHidden") == String(repeating: "*", count: key.count - 3) + key.suffix(3))
            try await api.call(.get, "/v1/account", key: key, expecting: 200)

            let third = try await api.signedIn(.post, "/v1/api-keys", body, expecting: 409)
            #expect(try third.errorCode == "MAXIMUM_AMOUNT_OF_ACTIVE_API_KEYS_REACHED")
            let shown = try await api.signedIn(.get, "/v1/api-keys/\(id)", expecting: 200)
            #expect(try shown.json["apiKey"] == nil)
            let renamed = try await api.signedIn(.patch, "/v1/api-keys/\(id)", .members(["name": .string("renamed")]), expecting: 200)
            #expect(try renamed.text("name") == "renamed")
            #expect(try renamed.text("description") == "nightly")

            let active = try await api.signedIn(.delete, "/v1/api-keys/\(id)", expecting: 409)
            #expect(try active.errorCode == "ACTIVE_API_KEY_CANNOT_BE_DELETED")
            for _ in 1...2 { try await api.signedIn(.post, "/v1/api-keys/\(id)/deactivate", expecting: 200) }
            try await api.call(.get, "/v1/account", key: key, expecting: 401)
            for _ in 1...2 { try await api.signedIn(.post, "/v1/api-keys/\(id)/activate", expecting: 200) }
            try await api.signedIn(.post, "/v1/api-keys/\(id)/deactivate", expecting: 200)
            try await api.signedIn(.delete, "/v1/api-keys/\(id)", expecting: 204)
            try await api.signedIn(.get, "/v1/api-keys/\(id)", expecting: 404)
            let page = try await api.signedIn(.get, "/v1/api-keys?pageSize=1", expecting: 200)
            #expect(try page.json["totalElements"] == .integer(1))
        }
    }

    @Test("Wrong passwords are 401, and too many lock the account") func lock() async throws {
        try await APIHarness.with { api in
            let nobody = try await api.send(.get, "/v1/api-keys", expecting: 401)
            #expect(nobody.response.headers[.wwwAuthenticate]?.hasPrefix("Basic") == true)
            for _ in 1..<AccountStore.failuresUntilLocked {
                let wrong = try await api.signedIn(.get, "/v1/api-keys", password: "wrong", expecting: 401)
                #expect(try wrong.errorCode == "INVALID_CREDENTIALS")
            }
            try await api.signedIn(.get, "/v1/api-keys", password: "wrong", expecting: 401)
            let locked = try await api.signedIn(.get, "/v1/api-keys", expecting: 401)
            #expect(try locked.errorCode == "ACCOUNT_LOCKED")
        }
    }

    @Test("Sign-ins from one address are bounded") func signInLimit() async throws {
        var settings = APISettings()
        settings.signInLimitPerMinute = 1
        try await APIHarness.with(settings) { api in
            try await api.signedIn(.get, "/v1/api-keys", expecting: 200)
            let refused = try await api.send(.get, "/api/v1/api-keys", headers: [.authorization: "Basic YTpi"])
            #expect(refused.status == 429)
        }
    }

    @Test("Rows of other teams are as good as absent") func isolation() async throws {
        try await APIHarness.with { api in
            let video = try await api.importMaster()
            let project = try await api.call(.post, "/v1/projects", .members(["name": .string("Mine")]), expecting: 201).text("id")
            let other = try await AccountStore(pool: api.database.pool).createAccount(
                email: "other@example.com", name: "Other", password: PasswordHash.make("x", cost: .cheap), teamName: "Other")
            let secret = APIKeySecret.generate()
            _ = try await APIKeyStore(pool: api.database.pool).create(
                for: other.user.id, name: "k", description: nil, isActive: true, secret: secret)
            let key = secret.text
            for (method, path) in [
                (HTTPMethod.get, "/v1/videos/\(video)"), (.delete, "/v1/videos/\(video)"), (.get, "/v1/videos/\(video)/derived"),
                (.get, "/v1/videos/\(video)/in/status"), (.post, "/v1/videos/\(video)/in/restart"),
                (.delete, "/v1/videos/\(video)/in/abandon"), (.get, "/v1/videos/\(video)/processing/status"),
                (.get, "/v1/videos/\(video)/processing/report"), (.get, "/v1/videos/\(video)/ingestion/media"),
                (.post, "/v1/videos/\(video)/out/https"),
                (.post, "/v1/videos/\(video)/processing/start/5a76dfdd-ab15-4137-b919-e7a0f256a5d6"),
                (.get, "/v1/projects/\(project)"), (.delete, "/v1/projects/\(project)"), (.get, "/v1/teams/\(api.account.team.id)"),
            ] {
                try await api.call(method, path, key: key, expecting: 404)
            }
            try await api.call(.patch, "/v1/videos/\(video)", .members(["name": .string("x")]), key: key, expecting: 404)
            try await api.call(.post, "/v1/videos/\(video)/processing/start", .members([:]), key: key, expecting: 404)
            #expect(try await api.call(.get, "/v1/videos", key: key, expecting: 200).json["totalElements"] == .integer(0))
            let team = try await api.call(.get, "/v1/videos?teamId=\(api.account.team.id)", key: key, expecting: 404)
            #expect(try team.errorCode == "TEAM_NOT_FOUND")
            try await api.call(.get, "/v1/videos/\(video)", expecting: 200)
        }
    }

    @Test("A user without a team that is open to the API is told so") func noTeam() async throws {
        try await APIHarness.with { api in
            try await TeamStore(pool: api.database.pool).setAPIEnabled(false, of: api.account.team.id)
            let answer = try await api.call(.get, "/v1/account", expecting: 403)
            #expect(try answer.errorCode == "DEFAULT_TEAM_NOT_API_ENABLED")
        }
    }

    @Test("A team is shown to its members") func team() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(.get, "/v1/teams/\(api.account.team.id)", expecting: 200)
            #expect(try answer.text("name") == "Harbour Archive")
        }
    }

    @Test("Who watches the server needs no key") func health() async throws {
        try await APIHarness.with { api in
            for path in ["/healthz", "/api/healthz", "/readyz", "/api/readyz"] { try await api.send(.get, path, expecting: 200) }
        }
    }
}
