import API
import Domain
import Foundation
import HTTP
import ObjectStorage
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct ComparisonTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"

    /// A master and what was made from it, both as full ingestion leaves them.
    private static func withPair(_ body: (APIHarness, _ master: ID<Video>, _ made: ID<Video>) async throws -> Void) async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster("Reel <2> & \"rest\"")
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(headline)", expecting: 202)
            let made = try #require(ID<Video>(start.text("videoId")))
            try await ProcessingTests.finish(api)
            try await api.database.pool.run {
                try $0.execute(
                    "UPDATE videos SET has_full_frames = true, has_web_video = true, metadata = '{\"durationInMillis\": 10000}'")
            }
            try api.objects.put([UInt8](repeating: 1, count: 100), at: VideoObjects(master).webVideo)
            try api.objects.put([UInt8](repeating: 2, count: 200), at: VideoObjects(made).webVideo)
            try await body(api, master, made)
        }
    }

    private static func path(_ left: ID<Video>, _ right: ID<Video>) -> String { "/v1/videos/\(left)/compare-with/\(right)" }

    @Test("The link opens a page that plays both videos and loads nothing else") func opens() async throws {
        try await Self.withPair { api, master, made in
            let answer = try await api.call(.get, Self.path(master, made), expecting: 200)
            #expect(try answer.text("leftVideoId") == master.description)
            #expect(try answer.text("rightVideoId") == made.description)
            let link = try answer.text("link")
            let target = "/api" + (try #require(link.split(separator: "/api", maxSplits: 1).last))
            let opened = try await api.send(.get, target, expecting: 200)
            let page = String(decoding: opened.bytes, as: UTF8.self)
            #expect(page.contains("Reel &lt;2&gt; &amp; &quot;rest&quot;"))
            #expect(!page.contains("http://") && !page.contains("https://"))
            let policy = try #require(opened.response.headers["Content-Security-Policy"])
            #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"))
            let query = try #require(target.split(separator: "?").last)
            for (side, size) in [("left", 100), ("right", 200)] {
                #expect(page.contains("src=\"\(made)/\(side)?"))
                let video = try await api.send(.get, "/api/comparisons/\(master)/\(made)/\(side)?\(query)", expecting: 200)
                #expect(video.response.headers[.contentType] == "video/mp4")
                #expect(video.response.body.length == size)
            }
        }
    }

    @Test("A video that cannot be opened just now is 503, and 404 only when it is gone") func unopened() async throws {
        try await Self.withPair { api, master, made in
            let link = try await api.call(.get, Self.path(master, made), expecting: 200).text("link")
            let query = try #require(link.split(separator: "?").last)
            let left = "/api/comparisons/\(master)/\(made)/left?\(query)"
            let path = api.objects.path(of: VideoObjects(master).webVideo)
            try FileManager.default.removeItem(atPath: path)
            try await api.send(.get, left, expecting: 404)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            try await api.send(.get, left, expecting: 503)
        }
    }

    @Test("A link opens its two videos alone, until it expires") func closes() async throws {
        try await Self.withPair { api, master, made in
            let link = try await api.call(.get, Self.path(master, made), expecting: 200).text("link")
            let query = try #require(link.split(separator: "?").last)
            let base = "/api/comparisons/\(master)/\(made)"
            #expect(try await api.send(.get, "/api/comparisons/\(made)/\(master)?\(query)", expecting: 403).errorCode == "ACCESS_DENIED")
            try await api.send(.get, base, expecting: 403)
            try await api.send(.get, base + "/left", expecting: 403)
            try await api.send(.get, base + "/middle?\(query)", expecting: 404)
            try await api.send(.get, "/api/comparisons/\(master)/x?\(query)", expecting: 400)
            try await api.send(.get, base + "?\(query)&more=1", expecting: 400)
            api.clock.advance(by: 24 * 3600)
            try await api.send(.get, base + "?\(query)", expecting: 403)
            let fresh = try await api.call(.get, Self.path(master, made), expecting: 200).text("link")
            try await api.call(.delete, "/v1/videos/\(made)", expecting: 200)
            try await api.send(.get, base + "?" + (try #require(fresh.split(separator: "?").last)), expecting: 404)
        }
    }

    @Test("Videos that do not belong together, or are not fully ingested, are 409") func conflicts() async throws {
        try await Self.withPair { api, master, made in
            let other = try await api.importMaster("Another")
            func code(_ left: ID<Video>, _ right: ID<Video>) async throws -> String? {
                try await api.call(.get, Self.path(left, right), expecting: 409).errorCode
            }
            #expect(try await code(master, other) == "VIDEO_COMPARISON_CONFLICT")
            #expect(try await code(master, master) == "VIDEO_COMPARISON_CONFLICT")
            try await api.database.pool.run {
                try $0.execute("UPDATE videos SET metadata = '{\"durationInMillis\": 10500}' WHERE id = \(made)")
            }
            try await api.call(.get, Self.path(made, master), expecting: 200)
            try await api.database.pool.run {
                try $0.execute("UPDATE videos SET metadata = '{\"durationInMillis\": 10501}' WHERE id = \(made)")
            }
            #expect(try await code(made, master) == "VIDEO_COMPARISON_CONFLICT")
            try await api.database.pool.run { try $0.execute("UPDATE videos SET has_web_video = false WHERE id = \(made)") }
            #expect(try await code(master, made) == "VIDEO_NOT_FULLY_INGESTED")
            try await api.call(.get, Self.path(master, ID<Video>()), expecting: 404)
            try await api.call(.get, Self.path(ID<Video>(), master), expecting: 404)
            try await api.call(.get, Self.path(master, made), key: try await api.strangersKey(), expecting: 404)
            #expect(try await api.call(.get, "/v1/videos/x/compare-with/\(made)", expecting: 400).fields == ["videoId"])
            #expect(try await api.call(.get, "/v1/videos/\(master)/compare-with/y", expecting: 400).fields == ["targetVideoId"])
        }
    }
}
