import API
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import Synchronization
import TestSupport
import Testing
import Transfer

@Suite struct ImportTests {
    private static let body = JSON.members([
        "name": .string("Ferry 1986, reel 2"), "url": .string("https://media.example.com/masters/ferry-1986.mov?token=secret"),
    ])

    @Test("An import is accepted, and shows what is known of its file") func accepted() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(
                .post, "/v1/videos/in/https?crc32c=2868770180&maxConcurrentConnections=4&selectTeamId=\(api.account.team.id)", Self.body,
                expecting: 202)
            let upload = try #require(try answer.json["upload"])
            #expect(upload["file"]?["name"] == .string("ferry-1986.mov"))
            #expect(upload["file"]?["size"] == .integer(1_000_000))
            #expect(upload["uploadState"]?["uploadStatus"] == .string("IN_PROGRESS"))
            #expect(try answer.text("ingestion", "ingestionState", "ingestionStatus") == "INITIAL")
            let id = try #require(ID<Video>(answer.text("videoId")))
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.json["flags"]?["isMaster"] == .boolean(true))
            #expect(try video.json["masterVideo"]?["id"] == .string(id.description))
            #expect(try video.json["ingestion"] == answer.json["ingestion"])
            #expect(try video.json["flags"]?["isIngesting"] == .boolean(false))
            let kept = try #require(try await ImportStore(pool: api.database.pool).request(of: id))
            let request = try JSONDecoder().decode(ImportRequest.self, from: Data(kept.request.text.utf8))
            #expect(request == ImportRequest(crc32c: 2_868_770_180, maximumConnections: 4))
            let sealed = try #require(kept.sealedSecret)
            #expect(!String(decoding: sealed, as: UTF8.self).contains("secret"), "the URL is sealed")
        }
    }

    @Test("Copied, ingested: the states follow, and the metadata is there") func lifecycle() async throws {
        try await APIHarness.with { api in
            let id = try await api.importMaster()
            let status = try await api.call(.get, "/v1/videos/\(id)/in/status", expecting: 200)
            #expect(try status.json["upload"]?["uploadState"]?["uploadStatus"] == .string("DONE"))
            let ingestion = try #require(try status.json["ingestion"])
            #expect(ingestion["ingestionState"]?["ingestionStatus"] == .string("DONE"))
            #expect(ingestion["metadata"]?["frameWidth"] == .integer(1280))
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.json["flags"]?["isIngested"] == .boolean(true))
        }
    }

    @Test("A failed import says why, can be restarted, and can be abandoned; others cannot") func failure() async throws {
        try await APIHarness.with { api in
            let id = try await api.startImport()
            let running = try await api.call(.post, "/v1/videos/\(id)/in/restart", expecting: 409)
            #expect(try running.errorCode == "VIDEO_IN_OPERATION_NOT_FAILED")
            try await api.call(.delete, "/v1/videos/\(id)/in/abandon", expecting: 409)
            try await api.fail(.importSource, code: "CHECKSUM_MISMATCH", "The checksum of the copied data differs.")
            let failed = try await api.call(.get, "/v1/videos/\(id)/in/status", expecting: 200)
            let state = try #require(try failed.json["upload"]?["uploadState"])
            #expect(state["uploadStatus"] == .string("FAILED"))
            #expect(state["error"]?["code"] == .string("CHECKSUM_MISMATCH"))
            #expect(try failed.json["ingestion"] == nil)
            let again = try await api.call(.post, "/v1/videos/\(id)/in/restart?skipChecksumValidation=true", expecting: 202)
            #expect(try again.json["upload"]?["uploadState"]?["uploadStatus"] == .string("IN_PROGRESS"))
            try await api.fail(.importSource, code: "CHECKSUM_MISMATCH", "Again.")
            try await api.call(.delete, "/v1/videos/\(id)/in/abandon", expecting: 204)
            try await api.call(.get, "/v1/videos/\(id)", expecting: 404)
        }
    }

    private static let badSources: [(error: TransferError, code: String)] = [
        (.refused(.scheme("http")), "INVALID_HTTPS_URL"), (.refused(.address("10.0.0.1")), "INVALID_HTTPS_URL"),
        (.refused(.port(8443)), "INVALID_HTTPS_URL"), (.unexpectedStatus(.notFound), "RESOLVE_OBJECT_METADATA_ERROR"),
        (.notPartial, "CONTENT_NOT_PARTIAL_ERROR"), (.noContent, "NO_CONTENT"),
        (.unsupportedContentType("text/html"), "UNSUPPORTED_CONTENT_TYPE"), (.invalidContentRange(nil), "CONTENT_RANGE_HEADER_INVALID"),
        (.tooLarge(bytes: 2, limit: 1), "INVALID_INPUT"),
        (.unreachable(.unresolvable(host: "nowhere.example")), "RESOLVE_OBJECT_METADATA_ERROR"),
    ]

    @Test("A source that cannot be imported is 400 with the contract's code, and nothing is left behind") func badSource() async throws {
        let next = Mutex(Self.badSources[0].error)
        let probe = SourceProbe { _ in throw next.withLock { $0 } }
        try await APIHarness.with(probe: probe) { api in
            for (error, code) in Self.badSources {
                next.withLock { $0 = error }
                let answer = try await api.call(.post, "/v1/videos/in/https", Self.body, expecting: 400)
                #expect(try answer.errorCode == code)
                #expect(try answer.fields == ["url"])
                #expect(try answer.text("message") == error.message)
            }
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(0))
        }
    }

    private static let badURLs = [
        "http://media.example.com/a.mov", "https://127.0.0.1/a.mov", "https://[::1]/a.mov", "https://10.1.2.3/a.mov",
        "https://media.example.com:8443/a.mov", "https://user:secret@media.example.com/a.mov", "https://localhost/a.mov", "ftp://x/y",
        "nonsense", "https://169.254.169.254/latest/meta-data", "https://0x7f000001/",
    ]

    @Test("The rules for URLs hold before anything is asked") func urlRules() async throws {
        let probe = SourceProbe.overHTTP(client: try HTTPClient(), policy: OutgoingURLPolicy())
        try await APIHarness.with(probe: probe) { api in
            for url in Self.badURLs {
                let answer = try await api.call(
                    .post, "/v1/videos/in/https", .members(["name": .string("x"), "url": .string(url)]), expecting: 400)
                #expect(try answer.errorCode == "INVALID_HTTPS_URL", "\(url)")
                #expect(try !answer.text("message").contains("secret"))
                #expect(try !answer.text("message").hasSuffix(".."))
                let both = try await api.call(
                    .post, "/v1/videos/in/https", .members(["name": .string(""), "url": .string(url)]), expecting: 400)
                #expect(try both.fields == ["name", "url"])
            }
        }
    }

    @Test("Everything wrong with a request comes in one answer") func allProblems() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(
                .post, "/v1/videos/in/https?crc32c=4294967296&maxConcurrentConnections=0&fullIngestion=maybe",
                .members(["name": .string(""), "projectId": .string("x"), "fileName": .integer(1), "filename": .string("x")]),
                expecting: 400)
            #expect(
                try Set(answer.fields) == [
                    "crc32c", "maxConcurrentConnections", "fullIngestion", "name", "projectId", "fileName", "filename", "url",
                ])
            let project = try await api.call(
                .post, "/v1/videos/in/https",
                .members(["name": .string("x"), "url": .string("https://a.example/x"), "projectId": .string(ID<Project>().description)]),
                expecting: 400)
            #expect(try project.fields == ["projectId"])
        }
    }
}
