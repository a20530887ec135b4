import Credentials
import Domain
import Events
import HTTP
import Primitives
import Store
import TestSupport
import Testing

@Suite struct WebhookTests {
    private static func body(_ changes: KeyValuePairs<String, JSON?> = [:], active: Bool = true) -> JSON {
        guard
            case .object(var members) = JSON.members([
                "name": .string("asset manager"), "description": .string("tells it"), "url": .string("https://hooks.example.com/pixop"),
                "rateLimitPerSecond": .integer(10), "maxTotalRetryDelayMinutes": .integer(180),
                "eventTypes": .array([.string("video_in.done"), .string("video_in.done"), .string("video.deleted")]),
                "active": .boolean(active),
            ])
        else { return .null }
        for (name, value) in changes { members[name] = value }
        return .object(members)
    }

    @Test("Webhooks live from creation to deletion") func lifecycle() async throws {
        try await APIHarness.with { api in
            let created = try await api.call(.post, "/v1/webhooks", Self.body(), expecting: 201)
            let id = try created.text("id")
            #expect(try created.json["eventTypes"] == .array([.string("video_in.done"), .string("video.deleted")]))
            let patched = try await api.call(
                .patch, "/v1/webhooks/\(id)", .members(["rateLimitPerSecond": .integer(50), "maxTotalRetryDelayMinutes": .integer(0)]),
                expecting: 200)
            #expect(try patched.json["rateLimitPerSecond"] == .integer(50))
            #expect(try patched.text("name") == "asset manager")
            for _ in 1...2 {
                #expect(try await api.call(.post, "/v1/webhooks/\(id)/deactivate", expecting: 200).json["active"] == .boolean(false))
            }
            for _ in 1...2 { try await api.call(.post, "/v1/webhooks/\(id)/activate", expecting: 200) }
            let active = try await api.call(.patch, "/v1/webhooks/\(id)", .members(["active": .boolean(false)]), expecting: 400)
            #expect(try active.fields == ["active"])
            #expect(try await api.call(.get, "/v1/webhooks", expecting: 200).json["totalElements"] == .integer(1))
            #expect(try await api.call(.get, "/v1/webhooks/\(id)", expecting: 200).text("name") == "asset manager")
            try await api.call(.delete, "/v1/webhooks/\(id)", expecting: 204)
            try await api.call(.get, "/v1/webhooks/\(id)", expecting: 404)
        }
    }

    @Test("Everything wrong with a webhook comes in one answer") func problems() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(
                .post, "/v1/webhooks",
                Self.body([
                    "name": .string(""), "description": .string(""), "url": .string("http://hooks.example.com"),
                    "rateLimitPerSecond": .integer(1001), "maxTotalRetryDelayMinutes": .integer(1441),
                    "eventTypes": .array([.string("video.made"), .string("video.deleted")]), "active": nil,
                ]), expecting: 400)
            #expect(
                try Set(answer.fields) == [
                    "name", "description", "url", "rateLimitPerSecond", "maxTotalRetryDelayMinutes", "eventTypes[0]", "active",
                ])
            let missing = try await api.call(.post, "/v1/webhooks", .members([:]), expecting: 400)
            #expect(
                try Set(missing.fields) == ["name", "url", "rateLimitPerSecond", "maxTotalRetryDelayMinutes", "eventTypes", "active"])
            let none = try await api.call(.post, "/v1/webhooks", Self.body(["eventTypes": .array([])]), expecting: 400)
            #expect(try none.fields == ["eventTypes"])
        }
    }

    @Test("Addresses inside and user info are no places for webhooks") func urls() async throws {
        try await APIHarness.with { api in
            for url in [
                "https://127.0.0.1/x", "https://u:p@hooks.example.com/", "https://hooks.example.com:8443/", "https://intranet.local/",
            ] {
                let answer = try await api.call(.post, "/v1/webhooks", Self.body(["url": .string(url)]), expecting: 400)
                #expect(try answer.errorCode == "INVALID_HTTPS_URL", "\(url)")
            }
        }
    }

    @Test("A team has ten active webhooks at most") func limit() async throws {
        try await APIHarness.with { api in
            for _ in 1...10 { try await api.call(.post, "/v1/webhooks", Self.body(), expecting: 201) }
            let refused = try await api.call(.post, "/v1/webhooks", Self.body(), expecting: 409)
            #expect(try refused.errorCode == "MAXIMUM_AMOUNT_OF_ACTIVE_WEBHOOKS_REACHED")
            let idle = try await api.call(.post, "/v1/webhooks", Self.body(active: false), expecting: 201)
            try await api.call(.post, "/v1/webhooks/\(idle.text("id"))/activate", expecting: 409)
        }
    }

    @Test("A test makes an event, if the webhook is active and subscribed") func test() async throws {
        try await APIHarness.with { api in
            let id = try await api.call(.post, "/v1/webhooks", Self.body(), expecting: 201).text("id")
            let video = ID<Video>()
            let event = try await api.call(.post, "/v1/webhooks/\(id)/test?videoId=\(video)&eventType=video.deleted", expecting: 202)
            let payload = try #require(try event.json["payload"])
            #expect(payload["test"] == .boolean(true))
            #expect(payload["attemptCount"] == .integer(0))
            #expect(payload["data"]?["videoId"] == .string(video.description))
            #expect(try event.json["responses"] == .array([]))
            try await api.call(.post, "/v1/webhooks/\(id)/test", expecting: 202)
            let other = try await api.call(.post, "/v1/webhooks/\(id)/test?eventType=video_in.failed", expecting: 409)
            #expect(try other.errorCode == "CONFLICT")
            let unknown = try await api.call(.post, "/v1/webhooks/\(id)/test?eventType=video.made&videoId=1", expecting: 400)
            #expect(try Set(unknown.fields) == ["eventType", "videoId"])
            try await api.call(.post, "/v1/webhooks/\(id)/deactivate", expecting: 200)
            #expect(try await api.call(.post, "/v1/webhooks/\(id)/test", expecting: 409).errorCode == "WEBHOOK_NOT_ACTIVE")
        }
    }

    @Test("What happens to videos becomes events, found by time and kind") func events() async throws {
        try await APIHarness.with { api in
            try await api.call(.post, "/v1/webhooks", Self.body(), expecting: 201)
            let video = try await api.importMaster()
            try await api.call(.delete, "/v1/videos/\(video)", expecting: 200)
            let list = try await api.call(.get, "/v1/webhooks/events?testMode=EXCLUDE&successfulMode=EXCLUDE", expecting: 200)
            let items = try #require(try list.json["items"]?.items)
            #expect(items.compactMap { $0["payload"]?["eventType"]?.text } == ["video_in.done", "video.deleted"])
            let id = try #require(items[0]["id"]?.text)
            let event = try await api.call(.get, "/v1/webhooks/events/\(id)", expecting: 200)
            #expect(try event.json["payload"]?["id"] == .string(id))
            #expect(try await api.call(.get, "/v1/webhooks/events?testMode=ONLY").json["totalElements"] == .integer(0))
            #expect(
                try await api.call(.get, "/v1/webhooks/events?occurredAtUntil=2020-01-01T00:00:00%2B01:00").json["totalElements"]
                    == .integer(0))
            let wrong = try await api.call(.get, "/v1/webhooks/events?occurredAtFrom=yesterday&successfulMode=YES", expecting: 400)
            #expect(try Set(wrong.fields) == ["occurredAtFrom", "successfulMode"])
            try await api.call(.get, "/v1/webhooks/events/\(ID<WebhookEvent>())", expecting: 404)
        }
    }

    @Test("Public keys: one active, and one more while it is replaced") func publicKeys() async throws {
        try await APIHarness.with { api in
            #expect(try await api.call(.get, "/v1/webhooks/public-keys", expecting: 200).json == .array([]))
            let box = try SecretBox(masterKey: [UInt8](repeating: 1, count: 32))
            let store = SigningKeyStore(pool: api.database.pool)
            let first = try await SigningKeys(store: store, secretBox: box).current()
            let one = try #require(try await api.call(.get, "/v1/webhooks/public-keys", expecting: 200).json.items)
            #expect(one.map { $0["publicKey"]?.text } == [first.key.publicKey])
            #expect(one[0]["expiresAt"] == nil)
            var hasty = SigningKeys.Rule()
            hasty.period = .zero
            try await SigningKeys(store: store, secretBox: box, rule: hasty).rotateIfDue()
            let two = try #require(try await api.call(.get, "/v1/webhooks/public-keys", expecting: 200).json.items)
            #expect(two.count == 2)
            #expect(two.count { $0["expiresAt"] == nil } == 1)
            #expect(try await SigningKeys(store: store, secretBox: box).current().id == first.id, "a new key is published before it signs")
            let found = try await api.call(.get, "/v1/webhooks/public-keys/\(first.id)", expecting: 200)
            #expect(try found.text("publicKey") == first.key.publicKey)
            try await api.call(.get, "/v1/webhooks/public-keys/\(ID<SigningKey>())", expecting: 404)
        }
    }
}
