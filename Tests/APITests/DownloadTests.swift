import Domain
import Foundation
import HTTP
import Logging
import ObjectStorage
import Primitives
import Store
import Testing

@Suite struct DownloadTests {
    /// Path and query of a link.
    private func target(_ answer: Answer) throws -> String {
        let url = try #require(URLComponents(string: answer.text("presignedUrl")))
        return url.percentEncodedPath + "?" + (url.percentEncodedQuery ?? "")
    }

    @Test("A link opens the file without a key, whole and in parts, until it expires") func link() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let answer = try await api.call(.post, "/v1/videos/\(master)/out/https?durationMinutes=30", expecting: 201)
            #expect(try answer.text("expiresAt") == "2026-03-04T12:30:00.000Z")
            #expect(try answer.json["fileSize"] == .integer(Int64(APIHarness.content.count)))
            #expect(try answer.text("fileExtension") == "mov")
            #expect(try answer.json["crc32cChecksum"] == .integer(2_868_770_180))
            let target = try target(answer)

            let whole = try await api.send(.get, target, expecting: 200)
            #expect(whole.response.body.length == APIHarness.content.count)
            #expect(whole.response.headers[.contentType] == "video/quicktime")
            #expect(
                whole.response.headers[.contentDisposition]
                    == "attachment; filename=\"ferry-1986.mov\"; filename*=UTF-8''ferry-1986.mov")
            let part = try await api.send(.get, target, headers: [.range: "bytes=4-9"], expecting: 206)
            #expect(part.response.headers[.contentRange] == "bytes 4-9/\(APIHarness.content.count)")
            #expect(part.response.body.length == 6)
            try await api.send(.get, target, headers: [.range: "bytes=9999-"], expecting: 416)
            try await api.send(.head, target, expecting: 200)

            api.clock.advance(by: 30 * 60 - 1)
            try await api.send(.get, target, expecting: 200)
            api.clock.advance(by: 1)
            let expired = try await api.send(.get, target, expecting: 403)
            #expect(try expired.errorCode == "ACCESS_DENIED")
        }
    }

    @Test("A link opens its own video alone") func scope() async throws {
        try await APIHarness.with { api in
            let first = try await api.importMaster("First")
            let second = try await api.importMaster("Second")
            let target = try target(try await api.call(.post, "/v1/videos/\(first)/out/https", expecting: 201))
            try await api.send(.get, target.replacing(first.description, with: second.description), expecting: 403)
            try await api.send(.get, target.replacing("signature=", with: "signature=0").replacing(/.$/, with: ""), expecting: 403)
            try await api.send(.get, target.replacing("expires=1", with: "expires=2"), expecting: 403)
            let bare = try await api.send(.get, String(target.prefix { $0 != "?" }), expecting: 403)
            #expect(try bare.errorCode == "ACCESS_DENIED")
            try await api.send(.put, target, expecting: 405)
            try await api.call(.delete, "/v1/videos/\(first)", expecting: 200)
            try await api.send(.get, target, expecting: 404)
        }
    }

    @Test("A file that is gone is 404, one that cannot be opened just now 503; the log has both") func unopened() async throws {
        let log = RecordedLog()
        try await APIHarness.with(observer: log.observer) { api in
            let master = try await api.importMaster()
            let target = try target(try await api.call(.post, "/v1/videos/\(master)/out/https", expecting: 201))
            let path = api.objects.path(of: VideoObjects(master).file)
            try FileManager.default.removeItem(atPath: path)
            try await api.send(.get, target, expecting: 404)
            #expect(log.messages(.error) == ["a stored file is missing"])
            // A link that leads to itself can be opened by nobody.
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            let later = try await api.send(.get, target, expecting: 503)
            #expect(try later.errorCode == "SERVICE_UNAVAILABLE")
            #expect(later.response.headers[.retryAfter] != nil)
            #expect(log.messages(.error) == ["a stored file is missing", "a stored file cannot be opened"])
        }
    }

    @Test("Names with quotes and accents are offered safely") func names() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let start = try await api.call(
                .post, "/v1/videos/\(master)/processing/start/5a76dfdd-ab15-4137-b919-e7a0f256a5d6", expecting: 202)
            try await ProcessingTests.finish(api)
            let link = try await api.call(.post, "/v1/videos/\(start.text("videoId"))/out/https", expecting: 201)
            #expect(try link.text("suggestedFileName") == "ferry 1986 \"é\".mov")
            let file = try await api.send(.get, try target(link), expecting: 200)
            #expect(
                file.response.headers[.contentDisposition]
                    == "attachment; filename=\"ferry 1986 ___.mov\"; filename*=UTF-8''ferry%201986%20%22%C3%A9%22.mov")
        }
    }

    private static let oddNames = [
        "..": "_", ".": "_", "../../etc/passwd": ".._.._etc_passwd", "a\\b\u{7F}\r\n.mov": "a_b___.mov", "%2e%2e": "%2e%2e",
        "a\u{2028}?#&.mov": "a_?#&.mov", ".hidden": ".hidden",
    ]

    @Test("Whatever a file is called, it can be fetched, and its name is no path", arguments: oddNames)
    func odd(_ given: String, _ offered: String) async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster(fileName: given)
            let link = try await api.call(.post, "/v1/videos/\(master)/out/https", expecting: 201)
            #expect(try link.text("suggestedFileName") == offered)
            let file = try await api.send(.get, try target(link), expecting: 200)
            #expect(file.response.body.length == APIHarness.content.count)
        }
    }

    @Test("Lifetimes out of range and videos that are not there yet are refused") func refused() async throws {
        try await APIHarness.with { api in
            let importing = try await api.startImport()
            for minutes in ["0", "61", "x"] {
                let answer = try await api.call(.post, "/v1/videos/\(importing)/out/https?durationMinutes=\(minutes)", expecting: 400)
                #expect(try answer.fields == ["durationMinutes"])
            }
            try await api.call(.post, "/v1/videos/\(importing)/out/https", expecting: 409)
            try await api.call(.get, "/v1/videos/\(importing)/out/status", expecting: 204)
        }
    }
}
