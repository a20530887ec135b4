import Domain
import HTTP
import Primitives
import Store
import Testing

@Suite struct VideoTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"

    @Test("Videos are listed, filtered and renamed") func listAndPatch() async throws {
        try await APIHarness.with { api in
            let first = try await api.importMaster("First")
            let second = try await api.importMaster("Second")
            let all = try await api.call(.get, "/v1/videos?sortDirection=DESC", expecting: 200)
            #expect(try all.json["items"]?.items?.compactMap { $0["id"]?.text } == [second.description, first.description])
            let patched = try await api.call(
                .patch, "/v1/videos/\(first)", .members(["name": .string("Renamed"), "description": .string("")]), expecting: 200)
            #expect(try patched.text("name") == "Renamed")
            #expect(try patched.text("description") == "")
            let project = try patched.text("projectId")
            #expect(try await api.call(.get, "/v1/videos?projectId=\(project)&clipMode=ONLY").json["totalElements"] == .integer(0))
            #expect(try await api.call(.get, "/v1/videos?projectId=\(project)&clipMode=EXCLUDE").json["totalElements"] == .integer(2))
            try await api.call(.get, "/v1/videos?projectId=\(ID<Project>())", expecting: 404)
            let wrong = try await api.call(
                .patch, "/v1/videos/\(first)", .members(["name": .string(String(repeating: "x", count: 256)), "projectId": .string("x")]),
                expecting: 400)
            #expect(try Set(wrong.fields) == ["name", "projectId"])
        }
    }

    @Test("Malformed and unknown ids are told apart") func ids() async throws {
        try await APIHarness.with { api in
            let malformed = try await api.call(.get, "/v1/videos/42", expecting: 400)
            #expect(try malformed.fields == ["videoId"])
            let unknown = try await api.call(.get, "/v1/videos/\(ID<Video>())", expecting: 404)
            #expect(try unknown.errorCode == "RESOURCE_NOT_FOUND")
        }
    }

    @Test("Deleting takes what was made from it, if the caller expects that") func deletion() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202)
            let result = try start.text("videoId")
            let derived = try await api.call(.get, "/v1/videos/\(master)/derived", expecting: 200)
            #expect(try derived.json["items"]?.items?.compactMap { $0["id"]?.text } == [result])
            #expect(try await api.call(.get, "/v1/videos/\(result)/derived").json["totalElements"] == .integer(0))

            let refused = try await api.send(
                .delete, "/v1/videos/\(master)", Array("[]".utf8), headers: ["X-API-Key": api.key], expecting: 409)
            #expect(try refused.errorCode == "CONFLICTING_DERIVED_VIDEO_IDS")
            #expect(try refused.json["errorDetails"]?["unlisted"] == .array([.string(result)]))
            let malformed = try await api.send(
                .delete, "/v1/videos/\(master)", Array("[\"x\", 1]".utf8), headers: ["X-API-Key": api.key], expecting: 400)
            #expect(try malformed.fields == ["[0]", "[1]"])
            let none = try await api.send(.post, "/v1/projects", Array("null".utf8), headers: ["X-API-Key": api.key], expecting: 400)
            #expect(try none.errorCode == "MISSING_REQUEST_BODY", "null is no body")
            let deleted = try await api.call(.delete, "/v1/videos/\(master)", .array([.string(result)]), expecting: 200)
            #expect(try deleted.json == .array([.string(master.description), .string(result)]))
            try await api.call(.get, "/v1/videos/\(result)", expecting: 404)
            try await api.call(.delete, "/v1/videos/\(master)", expecting: 404)
        }
    }
}
