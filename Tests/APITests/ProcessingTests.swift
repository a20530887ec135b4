import API
import Domain
import Foundation
import HTTP
import ObjectStorage
import Picture
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct ProcessingTests {
    private static let headline = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"

    @Test("The headline recipe, from start to report") func headline() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            try await api.call(.get, "/v1/videos/\(master)/processing/status", expecting: 204)
            let start = try await api.call(
                .post, "/v1/videos/\(master)/processing/start/\(Self.headline)?startPosMs=1000&endPosMs=99000&videoDescription=4K",
                expecting: 202)
            let id = try start.text("videoId")
            #expect(id != master.description)
            #expect(try start.json["processingState"]?["progressPercentage"] == .integer(0))
            #expect(try start.json["processingState"]?["processingStatus"] == .string("INITIAL"))
            #expect(try await api.call(.get, "/v1/videos/\(id)/processing/status", expecting: 200).json == start.json)
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.text("name") == "Ferry 1986, reel 2 (HQ live action, enhanced, 4K, HDR10)")
            #expect(try video.text("description") == "4K")
            let source = try #require(try video.json["processing"]?["sourceVideo"])
            #expect(source["videoId"] == .string(master.description))
            #expect(source["startPositionMilliseconds"] == .integer(1000))
            #expect(source["endPositionMilliseconds"] == .integer(10_000), "an end beyond the source is its end")
            #expect(try video.json["processing"]?["options"]?["container"] == .string("MOV"))
            #expect(try video.json["flags"]?["isProcessing"] == .boolean(true))
            let estimate = try #require(try video.json["processingJobAppraisal"]?["estimation"]?["totalComputeTimeSeconds"])
            #expect(try start.json["processingState"]?["etaSeconds"] == estimate, "while it waits, the time it was appraised at")
            #expect(try video.json["masterVideo"]?["id"] == .string(master.description))

            try await api.call(.get, "/v1/videos/\(id)/in/status", expecting: 204)
            try await api.call(.get, "/v1/videos/\(id)/processing/report", expecting: 204)
            try await api.call(.post, "/v1/videos/\(id)/out/https", expecting: 409)
            try await Self.finish(api)
            let done = try await api.call(.get, "/v1/videos/\(id)/processing/status", expecting: 200)
            #expect(try done.json["processingState"]?["processingStatus"] == .string("DONE"))
            #expect(try done.json["processingState"]?["progressPercentage"] == .integer(100))
            let report = try await api.call(.get, "/v1/videos/\(id)/processing/report", expecting: 200)
            #expect(try report.json["maxCLL"] == .integer(801))
            #expect(try await api.call(.get, "/v1/videos/\(id)").json["flags"]?["isProcessed"] == .boolean(true))
        }
    }

    @Test("Inline options start too, and the name can be given") func inline() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let options = try JSON(parsing: #"{"filters":{"scaler":"SCALE"},"filterSettings":{"resolution":{"tag":"FULL_HD"}}}"#)
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start?videoName=R%C3%A9el%202", options, expecting: 202)
            #expect(try await api.call(.get, "/v1/videos/\(start.text("videoId"))").text("name") == "Réel 2")
            let plain = try await api.call(.post, "/v1/videos/\(master)/processing/start", .members([:]), expecting: 202)
            #expect(try await api.call(.get, "/v1/videos/\(plain.text("videoId"))").text("name") == "Ferry 1986, reel 2 (processed)")
        }
    }

    @Test("While units are worked on a processing is under way") func begun() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start", .members([:]), expecting: 202)
            #expect(try await api.jobs.lease(kinds: [.assemble], limit: 1, worker: ID(), duration: .seconds(60)).count == 1)
            let status = try await api.call(.get, "/v1/videos/\(start.text("videoId"))/processing/status", expecting: 200)
            #expect(try status.json["processingState"]?["processingStatus"] == .string("IN_PROGRESS"))
            #expect(
                try status.json["processingState"]?["etaSeconds"] == start.json["processingState"]?["etaSeconds"], "no pace to go by yet")
            // A pace at which it would never end.
            try await api.database.pool.run { connection in
                try connection.execute("UPDATE segments SET weight = \(Int64(1) << 61), done = 1 WHERE kind = 'assemble'")
                try connection.execute("UPDATE jobs SET started_at = now() - interval '100 days' WHERE started_at IS NOT NULL")
            }
            let slow = try await api.call(.get, "/v1/videos/\(start.text("videoId"))/processing/status", expecting: 200)
            #expect(try slow.json["processingState"]?["etaSeconds"] == .integer(Int64(Int32.max)))
        }
    }

    @Test("A name of 255 code points leaves room for the treatment, however few characters it shows") func longNames() async throws {
        try await APIHarness.with { api in
            let name = String(repeating: "e\u{301}", count: 127) + "!"
            let master = try await api.importMaster(name)
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start", .members([:]), expecting: 202)
            let result = try await api.call(.get, "/v1/videos/\(start.text("videoId"))", expecting: 200).text("name")
            #expect(result.unicodeScalars.count == 255)
            #expect(result.hasSuffix(" (processed)"))
        }
    }

    @Test("The part of a whole source that is shorter than a second has no end") func shortSource() async throws {
        let source = SourceFormat(
            size: PictureSize(width: 1280, height: 720), frameRate: Rational(25, 1), durationMilliseconds: 480, format: .yuv420p)
        try await APIHarness.with(source: source) { api in
            let master = try await api.importMaster()
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start", .members([:]), expecting: 202)
            let video = try await api.call(.get, "/v1/videos/\(start.text("videoId"))", expecting: 200)
            let part = try #require(try video.json["processing"]?["sourceVideo"])
            #expect(part["startPositionMilliseconds"] == .integer(0))
            #expect(part["endPositionMilliseconds"] == nil, "the contract's least end is 1000 ms")
        }
    }

    private static let badPositions: [(query: String, code: String, field: String)] = [
        ("startPosMs=9500", "INVALID_START_POSITION", "startPosMs"), ("startPosMs=-1", "INVALID_START_POSITION", "startPosMs"),
        ("endPosMs=999", "INVALID_END_POSITION", "endPosMs"), ("startPosMs=5000&endPosMs=5999", "INVALID_END_POSITION", "endPosMs"),
        ("startPosMs=soon", "VALIDATION_ERROR", "startPosMs"), ("startPosMs=%2B5", "VALIDATION_ERROR", "startPosMs"),
        ("endPosMs=2147483648", "VALIDATION_ERROR", "endPosMs"), ("startPosMs=1&startPosMs=2", "VALIDATION_ERROR", "startPosMs"),
    ]

    @Test("Positions out of range have the contract's codes") func positions() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            for (query, code, field) in Self.badPositions {
                let answer = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)?\(query)", expecting: 400)
                #expect(try answer.errorCode == code, "\(query)")
                #expect(try answer.fields == [field], "\(query)")
            }
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(1), "nothing half-made stays behind")
        }
    }

    private static let badOptions = [
        (#"{"container":"MP4","encodingConfiguration":{"codec":"FFV1"}}"#, "CONTAINER_IS_NOT_SUPPORTED_FOR_SELECTED_CODEC"),
        (#"{"filters":{"scaler":"SCALE"},"filterSettings":{"resolution":{"width":64}}}"#, "MISSING_CUSTOM_RESOLUTION"),
        (
            #"{"filters":{"scaler":"DVRES2"},"filterSettings":{"dvres2Variant":"FINE_TUNING","resolution":{"width":640,"height":360}}}"#,
            "TARGET_RESOLUTION_CANNOT_BE_LOWER_THAN_CALCULATED_ASPECT_RATIO_RESOLUTION"
        ),
        (#"{"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"STRICT_USER"}}}"#, "INVALID_INPUT_COLOR_CONVERSION"),
        (
            #"{"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"STRICT_USER","colorProfile":{"hdrFormat":"HDR10"}}}}"#,
            "INVALID_OUTPUT_COLOR_CONVERSION"
        ),
        (#"{"filters":{"denoiser":"NOISE"}}"#, "VALIDATION_ERROR"), (#"{"filters":[]}"#, "VALIDATION_ERROR"),
    ]

    @Test("Options that cannot be have the contract's codes") func options() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            for (text, code) in Self.badOptions {
                let answer = try await api.call(.post, "/v1/videos/\(master)/processing/start", JSON(parsing: text), expecting: 400)
                #expect(try answer.errorCode == code, "\(text)")
                #expect(try answer.json["validationErrors"]?.items?.isEmpty == false)
            }
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(1))
        }
    }

    @Test("8K from a source that is 16 times too small is out of range") func tooLarge() async throws {
        let source = SourceFormat(
            size: PictureSize(width: 3840, height: 2160), frameRate: Rational(25, 1), durationMilliseconds: 10_000, format: .yuv420p)
        try await APIHarness.with(source: source) { api in
            let master = try await api.importMaster()
            let options = try JSON(parsing: #"{"filters":{"scaler":"SCALE"},"filterSettings":{"resolution":{"tag":"3X"}}}"#)
            let answer = try await api.call(.post, "/v1/videos/\(master)/processing/start", options, expecting: 400)
            #expect(try answer.errorCode == "TARGET_RESOLUTION_OUT_OF_ALLOWED_RANGE")
            #expect(try answer.json["validationErrors"]?.items?.first?["value"] == .string("11520×6480"))
        }
    }

    @Test("What this build cannot run is refused before a job exists, by name") func unavailable() async throws {
        var settings = APISettings()
        settings.capabilities = Capabilities()
        settings.capabilities.encodings = Capabilities.current.encodings
        settings.capabilities.outputScannings = [.auto]
        try await APIHarness.with(settings) { api in
            let master = try await api.importMaster()
            let answer = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 400)
            #expect(try answer.errorCode == "VALIDATION_ERROR")
            let problems = try #require(try answer.json["validationErrors"]?.items)
            #expect(problems.map { $0["field"]?.text } == ["filters.scaler", "filterSettings.dvres2Variant"])
            #expect(problems[0]["value"] == .string("DVRES2"))
            #expect(problems[0]["message"]?.text?.contains("available: none") == true)
        }
    }

    @Test("Only ready sources are processed") func notReady() async throws {
        try await APIHarness.with { api in
            let importing = try await api.startImport()
            let path = "/v1/videos/\(importing)/processing/start/\(Self.headline)"
            #expect(try await api.call(.post, path, expecting: 409).errorCode == "CONFLICT")
            try await api.fail(.importSource, code: "NO_CONTENT", "empty")
            try await api.call(.post, path, expecting: 409)
            let master = try await api.importMaster()
            let start = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202)
            let second = try await api.call(
                .post, "/v1/videos/\(start.text("videoId"))/processing/start/\(Self.headline)", expecting: 409)
            #expect(try second.errorCode == "VIDEO_PROCESSING_NOT_DONE")
            try await api.call(.post, "/v1/videos/\(master)/processing/start/\(ID<Configuration>())", expecting: 404)
            try await api.call(.post, "/v1/videos/\(ID<Video>())/processing/start/\(Self.headline)", expecting: 404)
            let body = try await api.call(.post, "/v1/videos/\(master)/processing/start", expecting: 400)
            #expect(try body.errorCode == "MISSING_REQUEST_BODY")
        }
    }

    @Test("A failed processing shows as failed, and the server lives on") func failed() async throws {
        try await APIHarness.with { api in
            let master = try await api.importMaster()
            let id = try await api.call(.post, "/v1/videos/\(master)/processing/start/\(Self.headline)", expecting: 202).text("videoId")
            try await api.fail(.assemble, code: "CORRUPT_SOURCE", "Frame 17 cannot be decoded.")
            let status = try await api.call(.get, "/v1/videos/\(id)/processing/status", expecting: 200)
            #expect(try status.json["processingState"]?["processingStatus"] == .string("FAILED"))
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.json["flags"]?["isProcessed"] == .boolean(false))
            #expect(try await api.call(.post, "/v1/videos/\(id)/out/https", expecting: 409).errorCode == "VIDEO_PROCESSING_NOT_DONE")
        }
    }

    /// Plays the workers of a processing and of the result's ingestion.
    static func finish(_ api: APIHarness) async throws {
        try await api.complete(.assemble) { unit, result in
            let key = try #require(ObjectKey("videos/\(unit.video)/file"))
            try api.objects.put(APIHarness.content, at: key)
            result.file = StoredFile(
                name: "ferry 1986 \"é\".mov", size: Int64(APIHarness.content.count), mimeType: "video/quicktime",
                containerName: "QuickTime / MOV", crc32c: 3_310_948_471, key: key,
                lastModified: Date(timeIntervalSince1970: 1_772_625_600))
            result.report = JSONDocument(#"{"maxCLL": 801}"#)
        }
        try await api.complete(.ingest)
    }
}
