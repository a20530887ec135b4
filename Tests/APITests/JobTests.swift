import Domain
import HTTP
import Primitives
import Store
import Testing

@Suite("Jobs") struct JobTests {
    private static func start(_ api: APIHarness) async throws -> String {
        let video = try await api.importMaster()
        return try await api.call(.post, "/v1/videos/\(video)/processing/start", .members([:]), expecting: 202).text("videoId")
    }

    @Test("Processing under way can be cancelled, once") func cancelProcessing() async throws {
        try await APIHarness.with { api in
            let video = try await Self.start(api)
            let answer = try await api.call(.post, "/v1/videos/\(video)/processing/cancel", expecting: 200)
            #expect(try answer.text("processingState", "processingStatus") == "FAILED")
            let jobs = try #require(try await api.call(.get, "/v1/videos/\(video)/jobs", expecting: 200).json.items)
            #expect(jobs.first?["state"] == .string("cancelled"))
            #expect(jobs.first?["failure"]?["code"] == .string("CANCELLED"))
            #expect(jobs.first?["units"]?.items?.allSatisfy { $0["state"] == .string("cancelled") } == true)
            let again = try await api.call(.post, "/v1/videos/\(video)/processing/cancel", expecting: 409)
            #expect(try again.errorCode == "CONFLICT")
            #expect(try await api.jobs.lease(kinds: [.assemble], limit: 1, worker: ID(), duration: .seconds(9)).isEmpty)
        }
    }

    @Test("An import under way can be cancelled, and begun again") func cancelImport() async throws {
        try await APIHarness.with { api in
            let video = try await api.startImport()
            let answer = try await api.call(.post, "/v1/videos/\(video)/in/cancel", expecting: 200)
            #expect(try answer.text("upload", "uploadState", "uploadStatus") == "FAILED")
            #expect(try answer.text("upload", "uploadState", "error", "code") == "CANCELLED")
            try await api.call(.post, "/v1/videos/\(video)/in/cancel", expecting: 409)
            try await api.call(.post, "/v1/videos/\(video)/in/restart", expecting: 202)
            let changed = try await api.call(.patch, "/v1/videos/\(video)/in/priority", .members(["priority": .integer(5)]), expecting: 200)
            #expect(try changed.json["priority"] == .integer(5))
        }
    }

    @Test("A job of higher priority is worked on first") func priority() async throws {
        try await APIHarness.with { api in
            let first = try await Self.start(api)
            let second = try await Self.start(api)
            let raised = try await api.call(
                .patch, "/v1/videos/\(second)/processing/priority", .members(["priority": .integer(100)]), expecting: 200)
            #expect(try raised.json["priority"] == .integer(100))
            let leased = try await api.jobs.lease(kinds: [.assemble], limit: 2, worker: ID(), duration: .seconds(9))
            #expect(leased.first { _ in true } != nil)
            #expect(Set(leased.map { "\($0.video)" }) == [first, second])
            let one = try await api.call(.get, "/v1/videos/\(second)/jobs", expecting: 200).json.items?.first
            #expect(one?["priority"] == .integer(100))
            for bad in [JSON.integer(101), .integer(-101), .string("high"), .null] {
                let answer = try await api.call(
                    .patch, "/v1/videos/\(second)/processing/priority", .members(["priority": bad]), expecting: 400)
                #expect(try answer.fields.contains("priority"))
            }
        }
    }

    @Test("Only what is under way can be moved or cancelled") func nothingUnderWay() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            try await api.call(.post, "/v1/videos/\(master)/processing/cancel", expecting: 409)
            try await api.call(.post, "/v1/videos/\(master)/in/cancel", expecting: 409)
            let body = JSON.members(["priority": .integer(1)])
            try await api.call(.patch, "/v1/videos/\(master)/processing/priority", body, expecting: 409)
            try await api.call(.patch, "/v1/videos/\(master)/in/priority", body, expecting: 409)
            try await api.call(.post, "/v1/videos/\(master)/out/cancel", expecting: 409)
            try await api.call(.patch, "/v1/videos/\(master)/out/priority", body, expecting: 409)
        }
    }

    @Test("Capabilities name what is there and what is missing, and nothing twice") func capabilities() async throws {
        try await APIHarness.with { api in
            let answer = try await api.call(.get, "/v1/capabilities", expecting: 200)
            let options = try #require(try answer.json["options"]?.items)
            for option in options {
                let (there, missing) = (option["available"]?.items ?? [], option["missing"]?.items ?? [])
                #expect(Set(there).isDisjoint(with: missing))
                #expect(!there.isEmpty || !missing.isEmpty)
            }
            let scaler = try #require(options.first { $0["name"] == .string("filters.scaler") })
            #expect(scaler["available"]?.items?.contains(.string("DVRES2")) == true)
            #expect(try answer.json["isComplete"] == .boolean(options.allSatisfy { $0["missing"] == .array([]) }))
        }
    }
}
