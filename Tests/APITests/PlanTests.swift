import Domain
import HTTP
import Testing

@Suite("Plans") struct PlanTests {
    private static let configuration = BuiltInConfiguration.all[0].id

    private static func videoCount(_ api: APIHarness) async throws -> Int? {
        try await api.call(.get, "/v1/videos", expecting: 200).json["totalElements"]?.integer
    }

    @Test("A plan tells units, cost and positions of a start, and starts nothing") func plans() async throws {
        try await APIHarness.with { api in
            let video = try await api.importMaster()
            let count = try await Self.videoCount(api)
            let byID = try await api.call(.get, "/v1/videos/\(video)/processing/plan/\(Self.configuration)", expecting: 200)
            let inline = try await api.call(
                .post, "/v1/videos/\(video)/processing/plan?startPosMs=1000&endPosMs=3000",
                try JSON(parsing: BuiltInConfiguration.all[0].options.jsonText()),
                expecting: 200)
            #expect(try byID.json["units"]?.items?.isEmpty == false)
            #expect(try byID.json["appraisal"]?["cost"] != nil)
            #expect(try inline.json["startPositionMilliseconds"] == .integer(1000))
            #expect(try inline.json["endPositionMilliseconds"] == .integer(3000))
            #expect(try await Self.videoCount(api) == count)
        }
    }

    @Test("A plan is refused as its start would be") func refusals() async throws {
        try await APIHarness.with { api in
            let waiting = try await api.startImport()
            try await api.call(.get, "/v1/videos/\(waiting)/processing/plan/\(Self.configuration)", expecting: 409)
            let video = try await api.importMaster("Another")
            let bad = try await api.call(
                .post, "/v1/videos/\(video)/processing/plan", .members(["filters": .members(["scaler": .string("NO_SUCH")])]),
                expecting: 400)
            #expect(try bad.fields == ["filters.scaler"])
            let key = try await api.foreignKey()
            try await api.call(.get, "/v1/videos/\(video)/processing/plan/\(Self.configuration)", key: key, expecting: 404)
        }
    }

    @Test("A start can be given its place in the queue") func priority() async throws {
        try await APIHarness.with { api in
            let video = try await api.importMaster()
            let started = try await api.call(
                .post, "/v1/videos/\(video)/processing/start/\(Self.configuration)?priority=7", expecting: 202)
            let id = try started.text("videoId")
            let job = try #require(try await api.call(.get, "/v1/videos/\(id)/jobs", expecting: 200).json.items?.first)
            #expect(job["priority"] == .integer(7))
            let bad = try await api.call(
                .post, "/v1/videos/\(video)/processing/start/\(Self.configuration)?priority=101", expecting: 400)
            #expect(try bad.fields == ["priority"])
        }
    }
}
