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

@Suite("Ingestion media") struct IngestionMediaTests {
    /// A fully ingested master, by playing the workers.
    private func ingested(_ api: APIHarness, clip: NewClip? = nil) async throws -> String {
        let answer = try await api.call(
            .post, "/v1/videos/in/https?fullIngestion=true",
            .members(["name": .string("Ferry"), "url": .string("https://media.example.com/masters/ferry-1986.mov")]), expecting: 202)
        let video = try answer.text("videoId")
        try await api.complete(.importSource) { unit, result in
            let key = VideoObjects(unit.video).file
            try api.objects.put(APIHarness.content, at: key)
            result.file = StoredFile(
                name: "ferry-1986.mov", size: Int64(APIHarness.content.count), mimeType: "application/octet-stream", containerName: "",
                crc32c: 1, key: key, lastModified: Date(timeIntervalSince1970: 1_772_625_600))
        }
        try await api.complete(.ingest) { unit, result in
            let names = VideoObjects(unit.video)
            try api.objects.put(Array("moving".utf8), at: names.webVideo)
            try api.objects.put(Array("small".utf8), at: names.thumbnail(0))
            try api.objects.put(Array("large".utf8), at: names.fullFrame(0))
            try api.objects.put(Array(#"{"examination":{},"thumbnails":[480],"fullFrames":[2500]}"#.utf8), at: names.products)
            result.metadata = .emptyObject
            result.quality = JSONDocument(
                #"{"metrics":[{"name":"noise","sampleMean":0.377,"subjectiveLabel":"poor","subjectiveScore":2.1}],"overallSubjectiveScore":2.1}"#
            )
            (result.hasThumbnails, result.hasFullFrames, result.hasWebVideo) = (true, true, true)
            result.container = IngestedContainer(name: "QuickTime / MOV", mimeType: "video/quicktime")
            result.clip = clip
        }
        return video
    }

    private func target(_ url: String) throws -> String {
        let parts = try #require(URLComponents(string: url))
        return parts.percentEncodedPath + "?" + (parts.percentEncodedQuery ?? "")
    }

    @Test("What a full ingestion made is listed with links that open one file each, for an hour") func links() async throws {
        try await APIHarness.with { api in
            let video = try await ingested(api)
            let state = try await api.call(.get, "/v1/videos/\(video)", expecting: 200).json
            let ingestion = state["ingestion"]?["ingestionState"]
            for flag in ["webVideoAvailable", "thumbnailsAvailable", "fullFramesAvailable"] { #expect(ingestion?[flag] == .boolean(true)) }
            #expect(state["ingestion"]?["qualityAssessment"]?["metrics"]?.items?.first?["subjectiveLabel"] == .string("poor"))
            #expect(state["upload"]?["file"]?["containerName"] == .string("QuickTime / MOV"))
            #expect(state["upload"]?["file"]?["type"] == .string("video/quicktime"))

            let media = try await api.call(.get, "/v1/videos/\(video)/ingestion/media", expecting: 200)
            #expect(try media.text("expiresAt") == "2026-03-04T13:00:00.000Z")
            #expect(try media.json["thumbnails"]?.items?.first?["positionMilliseconds"] == .integer(480))
            let web = try target(try media.text("webVideo", "url"))
            let thumbnail = try target(try #require(try media.json["thumbnails"]?.items?.first?["url"]?.text))
            let frame = try target(try #require(try media.json["fullFrames"]?.items?.first?["url"]?.text))
            for (link, type, length) in [(web, "video/mp4", 6), (thumbnail, "image/jpeg", 5), (frame, "image/jpeg", 5)] {
                let file = try await api.send(.get, link, expecting: 200)
                #expect(file.response.headers[.contentType] == type)
                #expect(file.response.body.length == length)
            }
            try await api.send(.get, web.replacing("web.mp4", with: "file"), expecting: 403)
            try await api.send(.get, thumbnail.replacing("thumbnail-0", with: "thumbnail-1"), expecting: 403)
            api.clock.advance(by: 3600)
            let expired = try await api.send(.get, web, expecting: 403)
            #expect(try expired.errorCode == "ACCESS_DENIED")
        }
    }

    @Test("What cannot be opened just now is 503, and 404 only when it is gone") func unopened() async throws {
        try await APIHarness.with { api in
            let video = try await ingested(api)
            let media = try await api.call(.get, "/v1/videos/\(video)/ingestion/media", expecting: 200)
            let web = try target(try media.text("webVideo", "url"))
            let path = api.objects.path(of: VideoObjects(try #require(ID<Video>(video))).webVideo)
            try FileManager.default.removeItem(atPath: path)
            try await api.send(.get, web, expecting: 404)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            try await api.send(.get, web, expecting: 503)
        }
    }

    @Test("A video that was not fully ingested has no media") func absent() async throws {
        try await APIHarness.with { api in
            let video = try await api.importMaster()
            let answer = try await api.call(.get, "/v1/videos/\(video)/ingestion/media", expecting: 409)
            #expect(try answer.errorCode == "VIDEO_NOT_FULLY_INGESTED")
        }
    }

    @Test("Full ingestion is refused where a build cannot do it") func unavailable() async throws {
        var settings = APISettings()
        settings.capabilities.ingestsFully = false
        try await APIHarness.with(settings) { api in
            let answer = try await api.call(
                .post, "/v1/videos/in/https?fullIngestion=true",
                .members(["name": .string("Ferry"), "url": .string("https://media.example.com/a.mov")]), expecting: 400)
            #expect(try answer.fields == ["fullIngestion"])
        }
    }

    private static let clip = NewClip(
        name: "Ferry (clip)", startMs: 41_000, endMs: 51_000, options: .emptyObject, plan: .emptyObject,
        segments: [NewSegment(kind: .encode, stage: 1, weight: 10), NewSegment(kind: .assemble, stage: 2, weight: 1)])

    @Test("A fully ingested master gets one free clip, which can be processed again") func freeClip() async throws {
        try await APIHarness.with { api in
            let master = try await ingested(api, clip: Self.clip)
            let derived = try #require(try await api.call(.get, "/v1/videos/\(master)/derived", expecting: 200).json["items"]?.items)
            #expect(derived.count == 1)
            let clip = try #require(derived.first)
            let id = try #require(clip["id"]?.text)
            #expect(clip["flags"]?["isClip"] == .boolean(true) && clip["flags"]?["isProcessing"] == .boolean(true))
            #expect(clip["clipId"] == .string(id))
            #expect(clip["processing"]?["sourceVideo"]?["startPositionMilliseconds"] == .integer(41_000))
            try await api.complete(.encode)
            try await api.complete(.assemble) { unit, result in
                let key = VideoObjects(unit.video).file
                try api.objects.put(APIHarness.content, at: key)
                result.file = StoredFile(
                    name: "clip.mov", size: 1, mimeType: "video/quicktime", containerName: "QuickTime", crc32c: 1, key: key,
                    lastModified: Date(timeIntervalSince1970: 1_772_625_600))
            }
            try await api.complete(.ingest) { _, result in result.metadata = .emptyObject }
            let made = try await api.call(.post, "/v1/videos/\(id)/processing/start", .members([:]), expecting: 202).text("videoId")
            let again = try await api.call(.get, "/v1/videos/\(made)", expecting: 200).json
            #expect(again["flags"]?["isClip"] == .boolean(true) && again["clipId"] == .string(id))
        }
    }

    @Test("A team that wants no free clips gets none") func switchedOff() async throws {
        try await APIHarness.with { api in
            try await TeamStore(pool: api.database.pool).setFreeClips(false, of: api.account.team.id)
            let master = try await ingested(api, clip: Self.clip)
            let derived = try await api.call(.get, "/v1/videos/\(master)/derived", expecting: 200)
            #expect(try derived.json["totalElements"] == .integer(0))
        }
    }
}
