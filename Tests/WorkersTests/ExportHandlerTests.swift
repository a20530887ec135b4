import Domain
import Foundation
import JobQueue
import ObjectStorage
import Postgres
import Primitives
import S3
import Store
import TestObjectServer
import TestSupport
import Testing
import Workers

/// The copy of a finished file to a real S3 server.
@Suite(.timeLimit(.minutes(2))) struct ExportHandlerTests {
    private static let key = "restored/1986/ferry 1986.mov"
    private static let partBytes = S3Bucket.smallestPart
    /// Three parts, the last one short.
    private static let content = WorkersBench.content(2 * partBytes + 1_000_000)

    @Test("The file arrives whole, with its type; the video shows it, the events tell it, and the keys are gone") func copies() async throws
    {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo(Self.content)
            _ = try await bench.webhooks()
            let started = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            #expect(started.output?.status == .inProgress)
            let unit = try await bench.lease(.export)
            let result = try await bench.export(unit)
            #expect(try await bench.exportsBilled() == 0, "it is booked with its end")
            try await bench.jobs.complete(unit.lease, result: result)
            let output = try #require(try await bench.videos.get(video, scope: bench.scope)?.output)
            #expect(output.status == .done && output.progress == 100)
            let facts = try await bench.bucket.head(Self.key)
            #expect(facts.size == Self.content.count && facts.contentType == "video/quicktime")
            #expect(try await bench.bucket.read(Self.key) == Self.content)
            #expect(try await bench.exports.record(of: video) == nil)
            #expect(try await bench.eventTypes() == [.videoOutStarted, .videoOutDone])
            #expect(try await bench.exportsBilled() == 1)
        }
    }

    @Test("After a kill only the parts that are missing are sent") func resumes() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo(Self.content)
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            // An earlier life sent the first part; other bytes of that length show that it is not sent again.
            let marked = [UInt8](repeating: 9, count: Self.partBytes)
            try await bench.beginByHand(video, unit, parts: [1: marked])
            _ = try await bench.export(unit)
            #expect(try await bench.bucket.read(Self.key) == marked + Self.content[Self.partBytes...])
        }
    }

    @Test("A kill between the bucket's last word and the database's costs nothing") func completedBefore() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo([1, 2, 3])
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            let upload = try await bench.beginByHand(video, unit, parts: [1: [7, 8, 9]])
            let parts = try await bench.exports.parts(of: video).map { S3Part(number: $0.number, entityTag: $0.entityTag) }
            try await bench.bucket.completeUpload(upload, of: Self.key, parts: parts)
            for _ in 1...2 { _ = try await bench.export(unit) }
            try await bench.jobs.complete(unit.lease, result: try await bench.export(unit))
            #expect(try await bench.bucket.read(Self.key) == [7, 8, 9])
            #expect(try await bench.exportsBilled() == 1)
        }
    }

    @Test("An object that came meanwhile is not replaced; abandoning frees the upload and leaves the video") func collision() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo([1, 2, 3])
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            try await bench.bucket.put([5], at: Self.key)
            let unit = try await bench.lease(.export)
            guard case .dead(let failure) = try await bench.exportHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("it was replaced")
                return
            }
            #expect(failure.code == "OBJECT_ALREADY_EXISTS")
            try await bench.jobs.bury(unit.lease, reason: failure)
            let output = try #require(try await bench.videos.get(video, scope: bench.scope)?.output)
            #expect(output.status == .failed && output.errorMessage == failure.message)
            #expect(try await bench.bucket.read(Self.key) == [5])
            #expect(try await bench.bucket.uploads(of: Self.key).count == 1)
            try await bench.exports.abandon(video, scope: bench.scope)
            #expect(try await bench.sweeper().sweep() == 1)
            #expect(try await bench.sweeper().sweep() == 0)
            #expect(try await bench.bucket.uploads(of: Self.key).isEmpty)
            let kept = try #require(try await bench.videos.get(video, scope: bench.scope))
            #expect(kept.output == nil && kept.file != nil)
        }
    }

    @Test("An upload that the bucket dropped is begun anew") func droppedUpload() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo([1, 2, 3])
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            let upload = try await bench.beginByHand(video, unit, parts: [:])
            try await bench.bucket.abortUpload(upload, of: Self.key)
            guard case .retry = try await bench.exportHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("it is not tried again")
                return
            }
            #expect(try await bench.exports.record(of: video)?.upload == nil)
            _ = try await bench.export(unit)
            #expect(try await bench.bucket.read(Self.key) == [1, 2, 3])
        }
    }

    @Test("Keys that may only write are enough; keys that may only read fail the export, and a restart goes on") func permissions()
        async throws
    {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo(Self.content)
            let reader = S3Credentials(accessKey: bench.server.reader.accessKey, secretAccessKey: bench.server.reader.secretAccessKey)
            let writer = S3Credentials(accessKey: bench.server.writer.accessKey, secretAccessKey: bench.server.writer.secretAccessKey)
            let locations = S3LocationStore(pool: bench.pool, direction: .output)
            let location = try await locations.create(
                team: bench.account.team.id,
                S3LocationValues(name: "archive", bucket: bench.bucketName, sealedCredentials: try reader.sealed(by: bench.secrets)))
            _ = try await bench.startExport(video, Self.key, reader, location: location.id, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            guard case .dead(let failure) = try await bench.exportHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("it may write")
                return
            }
            #expect(failure.code == "HEAD_OBJECT_ERROR")
            try await bench.jobs.bury(unit.lease, reason: failure)
            let sealed = try writer.sealed(by: bench.secrets)
            _ = try await locations.update(location.id, scope: bench.scope) {
                S3LocationValues(name: $0.name, bucket: $0.bucket, sealedCredentials: sealed)
            }
            _ = try await bench.exports.restart(video, scope: bench.scope)
            let second = try await bench.lease(.export)
            _ = try await bench.export(second)
            #expect(try await bench.bucket.read(Self.key) == Self.content)
        }
    }

    @Test("A restart shows the progress that was made") func progress() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo(Self.content)
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            try await bench.beginByHand(video, unit, parts: [2: [1]])
            try await bench.jobs.bury(unit.lease, reason: UnitFailure(code: "HEAD_BUCKET_ERROR", message: "The keys expired."))
            let restarted = try await bench.exports.restart(video, scope: bench.scope)
            let output = try #require(restarted.output)
            #expect(output.status == .inProgress && output.errorMessage == nil)
            #expect(output.progress == 100 * Self.partBytes / Self.content.count)
        }
    }

    @Test("Deleting a video ends its export, and its upload is dropped") func deletion() async throws {
        try await WorkersBench.with { bench in
            let video = try await bench.makeVideo([1, 2, 3])
            _ = try await bench.startExport(video, Self.key, partBytes: Self.partBytes)
            let unit = try await bench.lease(.export)
            try await bench.beginByHand(video, unit, parts: [:])
            _ = try await bench.videos.delete(video, scope: bench.scope)
            #expect(try await bench.sweeper().sweep() == 0, "a worker may still be sending")
            try await bench.pool.run { try $0.execute("UPDATE abandoned_uploads SET not_before = now()") }
            #expect(try await bench.sweeper().sweep() == 1)
            #expect(try await bench.bucket.uploads(of: Self.key).isEmpty)
            guard case .dead = try await bench.exportHandler().perform(unit, progress: UnitProgress()) else {
                Issue.record("there is something to export")
                return
            }
        }
    }
}

extension WorkersBench {
    var exports: ExportStore { ExportStore(pool: pool) }

    func exportHandler() -> ExportHandler {
        ExportHandler(
            exports: exports, objects: objects, secrets: secrets, service: service,
            observer: TestCluster.observer)
    }

    /// Carries an export out that has to succeed.
    func export(_ unit: LeasedUnit) async throws -> UnitResult {
        let outcome = try await exportHandler().perform(unit, progress: UnitProgress())
        guard case .succeeded(let result) = outcome else {
            Issue.record("\(outcome)")
            return UnitResult()
        }
        #expect(result.download?.download.category == .export)
        return result
    }

    func sweeper() -> AbandonedUploadSweeper {
        AbandonedUploadSweeper(
            store: AbandonedUploadStore(pool: pool), secrets: secrets, service: service, observer: TestCluster.observer)
    }

    /// An imported and ingested master with this file.
    func makeVideo(_ content: [UInt8]) async throws -> ID<Video> {
        let video = ID<Video>()
        let key = try #require(ObjectKey("videos/\(video)/file"))
        try objects.put(content, at: key)
        try await pool.run {
            try $0.execute(
                """
                INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, upload_status, upload_updated_at,
                    ingestion_status, ingestion_updated_at, file_name, file_size, file_type, file_key)
                VALUES (\(video), \(account.team.id), \(account.user.id), \(account.defaultProject.id), 'master', 'S', \(video),
                    'DONE', now(), 'DONE', now(), 'ferry 1986.mov', \(content.count), 'video/quicktime', \(key))
                """)
        }
        return video
    }

    func startExport(
        _ video: ID<Video>, _ key: String, _ credentials: S3Credentials? = nil, location: ID<S3Location>? = nil, partBytes: Int
    ) async throws -> VideoRecord {
        try await exports.start(
            NewExport(
                video: video, bucket: bucketName, objectKey: key,
                sealedCredentials: try (credentials ?? self.credentials).sealed(by: secrets), location: location, partBytes: partBytes),
            scope: scope)
    }

    /// What an earlier life of a worker did: the upload is begun, these parts are sent, and both are kept.
    @discardableResult
    func beginByHand(_ video: ID<Video>, _ unit: LeasedUnit, parts: [Int: [UInt8]]) async throws -> String {
        let record = try #require(try await exports.record(of: video))
        let upload = try await bucket.beginUpload(
            record.objectKey, contentType: "video/quicktime", notes: ["remaster-export": record.id.description])
        try await exports.keepUpload(upload, for: unit.lease)
        for (number, bytes) in parts {
            let part = try await bucket.uploadPart(number, of: upload, bytes, to: record.objectKey)
            try await exports.keepPart(ExportedPart(number: number, entityTag: part.entityTag), of: upload, for: unit.lease)
        }
        return upload
    }

    /// Subscribes to everything.
    func webhooks() async throws -> WebhookRecord {
        try await WebhookStore(pool: pool).create(
            NewWebhook(team: account.team.id, name: "Hook", url: "https://example.com/hook", eventTypes: EventType.allCases))
    }

    /// Exports in the books.
    func exportsBilled() async throws -> Int? {
        try await pool.run { try $0.value("SELECT count(*) FROM transactions WHERE reference LIKE 'export %'", as: Int.self) }
    }

    /// Types of all events so far, in order.
    func eventTypes() async throws -> [EventType] {
        try await pool.run { try $0.values("SELECT event_type FROM webhook_events ORDER BY position") }
    }
}
