import API
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing
import Transfer

/// Imports from the operator's folder.
@Suite struct FolderImportTests {
    private static let path = "/v1/videos/in/folder"

    /// An installation with a folder in which the account's team has a film and two folders.
    private static func with(_ body: (APIHarness, _ folder: String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        try await APIHarness.with(importFolder: ImportFolder(path: directory.path)) { api in
            let own = "\(directory.path)/\(api.account.team.id)"
            try FileManager.default.createDirectory(atPath: own + "/reels/1986", withIntermediateDirectories: true)
            try Data("film".utf8).write(to: URL(fileURLWithPath: own + "/reels/ferry 1986.mov"))
            try Data().write(to: URL(fileURLWithPath: own + "/empty.mov"))
            try await body(api, own)
        }
    }

    private static func body(_ path: String) -> JSON { .members(["name": .string("Ferry"), "path": .string(path)]) }

    @Test("What a team can import is listed, folder by folder and page by page") func lists() async throws {
        try await Self.with { api, _ in
            let all = try await api.call(.get, Self.path, expecting: 200)
            #expect(try all.json["items"]?.items?.map { $0["path"] } == [.string("empty.mov"), .string("reels")])
            #expect(try all.json["items"]?.items?.map { $0["type"] } == [.string("FILE"), .string("FOLDER")])
            #expect(try all.json["totalElements"] == .integer(2))
            let inside = try await api.call(.get, "\(Self.path)?path=reels&pageSize=1&pageNumber=1", expecting: 200)
            let item = try #require(try inside.json["items"]?.items?.first)
            #expect(item["path"] == .string("reels/ferry 1986.mov"))
            #expect(item["name"] == .string("ferry 1986.mov"))
            #expect(item["size"] == .integer(4))
            #expect(try inside.json["totalPages"] == .integer(2))
            let past = try await api.call(.get, "\(Self.path)?pageNumber=2147483647&pageSize=100", expecting: 200)
            #expect(try past.json["items"]?.items?.isEmpty == true)
        }
    }

    @Test("An import is accepted like every other, and its request is kept") func accepted() async throws {
        try await Self.with { api, _ in
            let answer = try await api.call(
                .post, "\(Self.path)?crc32c=7&selectTeamId=\(api.account.team.id)", Self.body("reels/ferry 1986.mov"), expecting: 202)
            let upload = try #require(try answer.json["upload"])
            #expect(upload["file"]?["name"] == .string("ferry 1986.mov"))
            #expect(upload["file"]?["size"] == .integer(4))
            #expect(upload["uploadState"]?["uploadStatus"] == .string("IN_PROGRESS"))
            let id = try #require(ID<Video>(answer.text("videoId")))
            let kept = try #require(try await ImportStore(pool: api.database.pool).request(of: id))
            let request = try JSONDecoder().decode(ImportRequest.self, from: Data(kept.request.text.utf8))
            #expect(request == ImportRequest(folderPath: "reels/ferry 1986.mov", crc32c: 7))
            #expect(kept.sealedSecret == nil)
            try await api.fail(.importSource, code: "UNEXPECTED_CONTENT_RANGE", "The file changed.")
            try await api.call(.post, "/v1/videos/\(id)/in/restart", expecting: 202)
            try await api.fail(.importSource, code: "UNEXPECTED_CONTENT_RANGE", "The file changed.")
            try await api.call(.delete, "/v1/videos/\(id)/in/abandon", expecting: 204)
        }
    }

    @Test("A repeated key gives the first answer and one import") func idempotent() async throws {
        try await Self.with { api, _ in
            let headers: HeaderFields = ["X-API-Key": api.key, "Idempotency-Key": "folder-1"]
            let bytes = Self.body("reels/ferry 1986.mov").utf8
            let first = try await api.send(.post, Self.path, bytes, headers: headers, expecting: 202)
            let second = try await api.send(.post, Self.path, bytes, headers: headers, expecting: 202)
            #expect(first.bytes == second.bytes)
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(1))
        }
    }

    @Test("Paths that lead out are refused with the rule, and nothing is left behind") func escapes() async throws {
        try await Self.with { api, own in
            for path in ["../x", "/etc/passwd", "reels/../../x", "reels//x", "./x", ".part", "a\nb", "reels/"] {
                let answer = try await api.call(.post, Self.path, Self.body(path), expecting: 400)
                #expect(try answer.errorCode == "VALIDATION_ERROR", "\(path)")
                #expect(try answer.fields == ["path"])
            }
            try FileManager.default.createSymbolicLink(atPath: own + "/link.mov", withDestinationPath: "/etc/passwd")
            for path in ["link.mov", "reels"] {
                #expect(try await api.call(.post, Self.path, Self.body(path), expecting: 400).fields == ["path"])
            }
            #expect(try await api.call(.post, Self.path, Self.body("empty.mov"), expecting: 400).errorCode == "NO_CONTENT")
            let absent = try await api.call(.post, Self.path, Self.body("absent.mov"), expecting: 404)
            #expect(try absent.errorCode == "RESOURCE_NOT_FOUND")
            try await api.call(.get, "\(Self.path)?path=absent", expecting: 404)
            #expect(try await api.call(.get, "\(Self.path)?path=..%2Fx", expecting: 400).fields == ["path"])
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(0))
        }
    }

    @Test("Everything wrong with a request comes in one answer") func allProblems() async throws {
        try await Self.with { api, _ in
            let answer = try await api.call(
                .post, "\(Self.path)?crc32c=-1&fullIngestion=maybe&x=1", .members(["path": .string(".."), "projectId": .string("x")]),
                expecting: 400)
            #expect(try Set(answer.fields) == ["x", "crc32c", "fullIngestion", "name", "path", "projectId"])
            let list = try await api.call(.get, "\(Self.path)?pageSize=0&pageNumber=-1&selectTeamId=x&path=a%2F", expecting: 400)
            #expect(try Set(list.fields) == ["pageSize", "pageNumber", "selectTeamId", "path"])
        }
    }

    @Test("Another team sees and imports nothing of it") func isolation() async throws {
        try await Self.with { api, _ in
            let key = try await api.foreignKey()
            #expect(try await api.call(.get, Self.path, key: key, expecting: 200).json["totalElements"] == .integer(0))
            try await api.call(.post, Self.path, Self.body("reels/ferry 1986.mov"), key: key, expecting: 404)
            let team = api.account.team.id
            try await api.call(.get, "\(Self.path)?selectTeamId=\(team)", key: key, expecting: 404)
            try await api.call(.post, "\(Self.path)?selectTeamId=\(team)", Self.body("reels/ferry 1986.mov"), key: key, expecting: 404)
        }
    }

    @Test("A server without a folder says which setting is missing") func unset() async throws {
        try await APIHarness.with { api in
            for answer in [
                try await api.call(.get, Self.path, expecting: 409),
                try await api.call(.post, Self.path, Self.body("a.mov"), expecting: 409),
            ] {
                #expect(try answer.text("message").contains("REMASTER_IMPORT_DIRECTORY"))
            }
        }
    }
}
