import Domain
import Foundation
import HTTP
import ObjectStorage
import Postgres
import Primitives
import Store
import TestSupport
import Testing

extension APIHarness {
    static let content = Array("not really a film, but bytes all the same".utf8)

    /// Starts an import; nothing of it is done yet.
    func startImport(_ name: String = "Ferry 1986, reel 2") async throws -> ID<Video> {
        let answer = try await call(
            .post, "/v1/videos/in/https",
            .members(["name": .string(name), "url": .string("https://media.example.com/masters/ferry-1986.mov")]), expecting: 202)
        return try #require(ID<Video>(answer.text("videoId")))
    }

    /// An imported and ingested master, by playing the workers.
    func importMaster(_ name: String = "Ferry 1986, reel 2", fileName: String = "ferry-1986.mov") async throws -> ID<Video> {
        let video = try await startImport(name)
        try await complete(.importSource) { unit, result in
            let key = try #require(ObjectKey("videos/\(unit.video)/file"))
            try self.objects.put(Self.content, at: key)
            result.file = StoredFile(
                name: fileName, size: Int64(Self.content.count), mimeType: "video/quicktime", containerName: "QuickTime / MOV",
                crc32c: 2_868_770_180, key: key, lastModified: Date(timeIntervalSince1970: 1_772_625_600))
        }
        try await complete(.ingest) { _, result in
            var metadata = VideoMetadata()
            metadata.containerName = "mov"
            metadata.codecName = "h264"
            metadata.frameWidth = 1280
            metadata.frameHeight = 720
            metadata.displayAspectRatio = .init(16.0 / 9)
            metadata.scanning = .init(metadata: .progressive)
            metadata.averageFrameRate = .init(numerator: 25, denominator: 1)
            metadata.durationInMillis = 10_000
            metadata.totalFrames = 250
            result.metadata = JSONDocument(try metadata.jsonText())
        }
        return video
    }

    /// Plays a worker that does one unit of a kind well.
    func complete(_ kind: UnitKind, _ fill: (LeasedUnit, inout UnitResult) throws -> Void = { _, _ in }) async throws {
        let unit = try await lease(kind)
        var result = UnitResult()
        try fill(unit, &result)
        try await jobs.complete(unit.lease, result: result)
    }

    /// Plays a worker that gives one unit of a kind up.
    func fail(_ kind: UnitKind, code: String, _ message: String) async throws {
        try await jobs.bury(try await lease(kind).lease, reason: UnitFailure(code: code, message: message))
    }

    private func lease(_ kind: UnitKind) async throws -> LeasedUnit {
        let units = try await jobs.lease(kinds: [kind], limit: 1, worker: ID(), duration: .seconds(60))
        return try #require(units.first, "a unit of kind \(kind) is there to be leased")
    }
}
