import API
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct AppraisalTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"

    private static func create(_ master: ID<Video>, _ suffix: String = "/\(headline)") -> String {
        "/v1/videos/\(master)/processing/appraisals/create\(suffix)"
    }

    private static func accept(_ master: ID<Video>, _ appraisal: String, _ query: String = "") -> String {
        "/v1/videos/\(master)/processing/appraisals/\(appraisal)/accept\(query)"
    }

    @Test("An appraisal says cost, size, time and duration, and lives 15 minutes") func appraise() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let answer = try await api.call(.post, Self.create(master, "/\(Self.headline)?startPosMs=1000&endPosMs=9000"), expecting: 201)
            let video = try #require(try answer.json["video"])
            let appraisal = try #require(video["processingJobAppraisal"])
            #expect(appraisal["billingType"] == .string("STRIPE"))
            #expect(appraisal["outputDurationMillis"] == .integer(8000))
            let items = try #require(appraisal["jobItems"]?.items)
            #expect(items.map { $0["productName"]?.text } == ["Deep Restoration 2", "InfiniteHDR", "H.265 / HEVC"])
            #expect(items[0]["amount"] == .number(2.074), "250 frames of 3840×2160")
            #expect(items[0]["costUsd"]?.number == 2.07, "35 % · 6.222 GP / 1000 GP, cut to 0.2 %, of 2.074 USD")
            let cost = try #require(appraisal["cost"])
            let sum = items.compactMap { $0["costUsd"]?.number }.reduce(0, +)
            #expect(abs((cost["totalProcessingCostUsd"]?.number ?? 0) - sum) < 1e-9)
            #expect((appraisal["estimation"]?["fileSize"]?.integer ?? 0) > 1_000_000)
            #expect((appraisal["estimation"]?["totalComputeTimeSeconds"]?.integer ?? 0) >= 1)
            #expect(video["processing"]?["processingState"] == nil)
            let made = try #require(Timestamp.date(answer.text("video", "createdAt")))
            let life = try #require(Timestamp.date(answer.text("expiresAt"))).timeIntervalSince(made)
            #expect(abs(life - 900) < 1)
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(1), "the video to be is not there yet")
            try await api.call(.get, "/v1/videos/\(try #require(video["id"]?.text))", expecting: 404)
        }
    }

    @Test("Acceptance starts exactly what was appraised, under the id that was announced") func accept() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let options = try JSON(parsing: #"{"container":"MP4","encodingConfiguration":{"codec":"HEVC","bitrate":4000000}}"#)
            let answer = try await api.call(.post, Self.create(master, ""), options, expecting: 201)
            let (appraisal, video) = (try answer.text("appraisalId"), try answer.text("video", "id"))
            let accepted = try await api.call(
                .post, Self.accept(master, appraisal, "?videoName=Ferry&videoDescription=appraised%20first"), expecting: 202)
            #expect(try accepted.text("videoId") == video)
            let started = try await api.call(.get, "/v1/videos/\(video)", expecting: 200).json
            #expect(started["name"] == .string("Ferry"))
            #expect(started["description"] == .string("appraised first"))
            #expect(started["processing"]?["options"]?["encodingConfiguration"]?["bitrate"] == .integer(4_000_000))
            let appraised = try answer.json["video"]?["processingJobAppraisal"]?["cost"]
            #expect(started["processingJobAppraisal"]?["cost"]?["totalProcessingCostUsd"] == appraised?["totalProcessingCostUsd"])
            let again = try await api.call(.post, Self.accept(master, appraisal), expecting: 409)
            #expect(try again.errorCode == "CONFLICT")
            #expect(try again.json["errorDetails"]?["videoId"] == .string(video))
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(2))
            try await ProcessingTests.finish(api)
            #expect(try await api.call(.get, "/v1/videos/\(video)").json["flags"]?["isProcessed"] == .boolean(true))
        }
    }

    @Test("What starts directly carries its appraisal too") func direct() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let id = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202).text("videoId")
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200).json
            #expect(video["processingJobAppraisal"]?["jobItems"]?.items?.count == 3)
        }
    }

    @Test("The units of an accepted appraisal need the networks that those of a direct start do") func networks() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let appraisal = try await api.call(.post, Self.create(master), expecting: 201).text("appraisalId")
            let accepted = try await api.call(.post, Self.accept(master, appraisal), expecting: 202).text("videoId")
            let started = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202).text(
                "videoId")
            func needed(_ video: String) async throws -> [Int] {
                let id = try #require(ID<Video>(video))
                return try await api.database.pool.run {
                    try $0.values(
                        """
                        SELECT network FROM jobs j JOIN segments s ON s.job_id = j.id CROSS JOIN unnest(s.networks) network
                        WHERE j.video_id = \(id) ORDER BY s.stage, s.ordinal, network
                        """)
                }
            }
            #expect(try await needed(started) == [-7, 3])
            #expect(try await needed(accepted) == [-7, 3])
        }
    }

    @Test("Unknown, foreign, expired and outdated appraisals are not accepted") func refusals() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let other = try await api.importMaster("Another")
            let appraisal = try await api.call(.post, Self.create(master), expecting: 201).text("appraisalId")
            #expect(
                try await api.call(.post, Self.accept(master, ID<Appraisal>().description), expecting: 404).errorCode
                    == "RESOURCE_NOT_FOUND")
            try await api.call(.post, Self.accept(other, appraisal), expecting: 404)
            try await api.call(.post, Self.accept(master, appraisal), key: try await api.strangersKey(), expecting: 404)
            #expect(try await api.call(.post, Self.accept(master, "soon"), expecting: 400).fields == ["appraisalId"])
            #expect(
                try await api.call(.post, Self.accept(master, appraisal, "?videoName=&x=1"), expecting: 400).fields == ["x", "videoName"])
            try await MarketplaceStore(pool: api.database.pool).setBillingType(.stripe, of: api.account.team.id)
            #expect(try await api.call(.post, Self.accept(master, appraisal), expecting: 409).errorCode == "APPRAISAL_BILLING_OUT_DATED")
            let late = try await api.call(.post, Self.create(master), expecting: 201).text("appraisalId")
            try await api.database.pool.run { try $0.execute("UPDATE appraisals SET expires_at = now()") }
            try await api.call(.post, Self.accept(master, late), expecting: 404)
            #expect(try await AppraisalStore(pool: api.database.pool).prune() == 2)
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(2), "nothing was started")
        }
    }

    @Test("Bad wishes are refused as when starting, with the statuses creation has") func badInput() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            #expect(try await api.call(.post, Self.create(master, ""), expecting: 400).errorCode == "MISSING_REQUEST_BODY")
            #expect(
                try await api.call(.post, Self.create(master, "?startPosMs=9500&endPosMs=x"), .members([:]), expecting: 400).fields == [
                    "endPosMs"
                ])
            #expect(
                try await api.call(.post, Self.create(master, "/\(Self.headline)?startPosMs=9500"), expecting: 400).errorCode
                    == "INVALID_START_POSITION")
            let codec = try JSON(parsing: #"{"container":"MP4","encodingConfiguration":{"codec":"FFV1"}}"#)
            #expect(
                try await api.call(.post, Self.create(master, ""), codec, expecting: 400).errorCode
                    == "CONTAINER_IS_NOT_SUPPORTED_FOR_SELECTED_CODEC")
            try await api.call(.post, Self.create(master, "/\(ID<Configuration>())"), expecting: 404)
            try await api.call(.post, Self.create(ID<Video>()), expecting: 404)
            try await api.call(.post, Self.create(master), key: try await api.strangersKey(), expecting: 404)
            #expect(
                try await api.call(.post, "/v1/videos/1/processing/appraisals/create/\(Self.headline)", expecting: 400).fields == [
                    "videoId"
                ])
            #expect(try await api.call(.post, Self.create(master, "/x"), expecting: 400).fields == ["confId"])
            let importing = try await api.startImport()
            #expect(try await api.call(.post, Self.create(importing), expecting: 400).errorCode == "BAD_REQUEST")
            let rows = try await api.database.pool.run { try $0.value("SELECT count(*) FROM appraisals", as: Int.self) }
            #expect(rows == 0)
        }
    }

    @Test("With a card that requires it, the balance less what is under way must cover a job") func balance() async throws {
        var settings = APISettings()
        settings.rateCard.requiresBalance = true
        try await APIHarness.with(settings) { api in
            let master = try await api.importMaster()
            let start = "/v1/videos/\(master)/processing/start/\(Self.headline)"
            let poor = try await api.call(.post, start, expecting: 409)
            #expect(try poor.errorCode == "INSUFFICIENT_PROJECTED_BALANCE_ERROR")
            #expect(try poor.json["errorDetails"]?["availableUsd"] == .integer(0))
            let appraisal = try await api.call(.post, Self.create(master), expecting: 201)
            let video = try appraisal.json["video"]
            let cost = try #require(video?["processingJobAppraisal"]?["cost"]?["totalProcessingCostUsd"]?.number)
            try await api.credit(Dollars(cost * 1.5))
            try await api.call(.post, Self.accept(master, try appraisal.text("appraisalId")), expecting: 202)
            #expect(
                try await api.call(.post, start, expecting: 409).errorCode == "INSUFFICIENT_PROJECTED_BALANCE_ERROR",
                "the first has bespoken the money")
            try await api.fail(.assemble, code: "CORRUPT_SOURCE", "Frame 17 cannot be decoded.")
            try await api.call(.post, start, expecting: 202)
        }
    }
}
