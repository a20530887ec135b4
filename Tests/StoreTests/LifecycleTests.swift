import Domain
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Life of a video")
struct LifecycleTests {
    @Test("an import goes from accepted to ingested, with file, metadata and events")
    func importToIngestion() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.subscribe()
            let started = try await fixture.startImport()
            #expect(started.kind == .master)
            #expect(started.master.id == started.id)
            #expect(started.upload?.status == .inProgress)
            #expect(started.ingestion == nil)
            #expect(started.file == nil)
            #expect(started.announcedFile?.size == 1000)
            let request = try #require(await fixture.imports.request(of: started.id))
            #expect(request.sealedSecret == [1, 2, 3])
            #expect(request.request.text == #"{"kind": "https"}"#)

            let unit = try #require(await fixture.lease(.importSource))
            #expect(try await fixture.jobs.heartbeat(unit.lease, done: 500, weight: 1000, duration: .seconds(30)) == .held)
            #expect(try await fixture.videos.get(started.id, scope: fixture.scope)?.upload?.progress == 50)
            try await fixture.jobs.complete(unit.lease, result: Fixture.fileResult(started.id))

            let imported = try #require(await fixture.videos.get(started.id, scope: fixture.scope))
            #expect(imported.upload?.status == .done)
            #expect(imported.upload?.progress == 100)
            #expect(imported.ingestion?.status == .inProgress)
            #expect(imported.file?.crc32c == 4_000_000_000)
            #expect(imported.file?.key.description == "videos/\(started.id)/file")

            try await fixture.completeNext(.ingest, Fixture.ingestResult)
            let ingested = try #require(await fixture.videos.get(started.id, scope: fixture.scope))
            #expect(ingested.ingestion?.status == .done)
            #expect(ingested.ingestion?.etaSeconds == 0)
            #expect(ingested.ingestion?.metadata?.text == #"{"frameWidth": 1280}"#)
            #expect(
                try await fixture.eventTypes() == [
                    .videoInStarted, .videoInDone, .videoInIngestionStarted, .videoInIngestionDone,
                ])
        }
    }

    @Test("a processing makes a video in the source's project, with progress, file, report and events")
    func processing() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            _ = try await fixture.subscribe()
            let started = try await fixture.startProcessing(of: source, segments: 2)
            #expect(started.kind == .processed)
            #expect(started.project == source.project)
            #expect(started.master.id == source.id)
            #expect(started.source == source.id)
            #expect(started.processing?.status == .initial, "no worker has a part of it yet")
            #expect(started.processing?.progress == 0)
            try await fixture.completeNext(.analyse)
            #expect(try await fixture.videos.get(started.id, scope: fixture.scope)?.processing?.status == .inProgress)
            let unit = try #require(await fixture.lease(.encode))
            _ = try await fixture.jobs.heartbeat(unit.lease, done: 50, weight: nil, duration: .seconds(30))
            let halfway = try #require(await fixture.videos.get(started.id, scope: fixture.scope)?.processing)
            #expect(halfway.progress == 27)  // 10 + 50 of 220
            #expect(halfway.etaSeconds != nil)
            try await fixture.jobs.complete(unit.lease, result: UnitResult())
            try await fixture.completeNext(.encode)
            var result = Fixture.fileResult(started.id)
            result.report = JSONDocument(#"{"maxCLL": 800}"#)
            try await fixture.completeNext(.assemble, result)
            try await fixture.completeNext(.ingest, Fixture.ingestResult)
            let done = try #require(await fixture.videos.get(started.id, scope: fixture.scope))
            #expect(done.processing?.status == .done)
            #expect(done.processing?.progress == 100)
            #expect(done.ingestion?.status == .done)
            #expect(done.file?.size == 1000)
            #expect(try await fixture.jobs.report(of: started.id, scope: fixture.scope)?.text == #"{"maxCLL": 800}"#)
            #expect(try await fixture.jobs.job(try #require(done.processingJob))?.state == .succeeded)
            #expect(
                try await fixture.eventTypes() == [
                    .videoProcessingStarted, .videoProcessingDone, .videoProcessingIngestionStarted, .videoProcessingIngestionDone,
                ])
        }
    }

    @Test("a failed import can be restarted with its checkpoint, or abandoned")
    func restartImport() async throws {
        try await Fixture.with { fixture in
            let video = try await fixture.startImport()
            let imports = fixture.imports
            await #expect(throws: StoreError.conflict(.importNotFailed)) {
                _ = try await imports.restart(video.id, scope: fixture.scope, skipChecksum: false)
            }
            let unit = try #require(await fixture.lease(.importSource))
            try await imports.saveCheckpoint(JSONDocument(#"{"ranges": [1]}"#), for: unit.lease)
            try await fixture.jobs.bury(unit.lease, reason: UnitFailure(code: "CHECKSUM_MISMATCH", message: "differs"))
            let failed = try #require(await fixture.videos.get(video.id, scope: fixture.scope)?.upload)
            #expect(failed.status == .failed)
            #expect(failed.error?.code == "CHECKSUM_MISMATCH")

            let restarted = try await imports.restart(video.id, scope: fixture.scope, skipChecksum: true)
            #expect(restarted.upload?.status == .inProgress)
            #expect(restarted.upload?.error == nil)
            let request = try #require(await imports.request(of: video.id))
            #expect(request.skipsChecksum)
            #expect(request.checkpoint?.text == #"{"ranges": [1]}"#)

            let again = try #require(await fixture.lease(.importSource))
            try await fixture.jobs.bury(again.lease, reason: UnitFailure(code: "KEY_NOT_FOUND", message: "gone"))
            try await imports.abandon(video.id, scope: fixture.scope)
            #expect(try await fixture.videos.get(video.id, scope: fixture.scope) == nil)
        }
    }

    @Test("processing needs a source that was ingested")
    func sourceNotReady() async throws {
        try await Fixture.with { fixture in
            let video = try await fixture.startImport()
            await #expect(throws: StoreError.conflict(.sourceNotReady)) { _ = try await fixture.startProcessing(of: video) }
            try await fixture.completeNext(.importSource, Fixture.fileResult(video.id))
            await #expect(throws: StoreError.conflict(.sourceNotReady)) { _ = try await fixture.startProcessing(of: video) }
        }
    }

    @Test("clips name the clip they come from")
    func clips() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let clip = try await fixture.startProcessing(of: source, kind: .clip)
            #expect(clip.clip == clip.id)
            for kind in [UnitKind.analyse, .encode, .encode] { try await fixture.completeNext(kind) }
            try await fixture.completeNext(.assemble, Fixture.fileResult(clip.id))
            try await fixture.completeNext(.ingest, Fixture.ingestResult)
            let second = try await fixture.startProcessing(of: clip, kind: .clip)
            #expect(second.clip == clip.id)
            #expect(second.master.id == source.id)
            let filter = VideoFilter(clipMode: .only)
            #expect(try await fixture.videos.list(scope: fixture.scope, filter: filter, page: PageRequest()).total == 2)
        }
    }

    @Test("deleting takes what was made from a video, unless it was not expected")
    func delete() async throws {
        try await Fixture.with { fixture in
            let source = try await fixture.makeMaster()
            let derived = try await fixture.startProcessing(of: source)
            let unit = try #require(await fixture.lease(.analyse))
            _ = try await fixture.subscribe([.videoDeleted])
            let videos = fixture.videos
            #expect(try await videos.derived(of: source.id, scope: fixture.scope, page: PageRequest()).items.map(\.id) == [derived.id])
            #expect(try await videos.derived(of: derived.id, scope: fixture.scope, page: PageRequest()).total == 0)
            await #expect(throws: StoreError.conflict(.unexpectedDerived([derived.id]))) {
                _ = try await videos.delete(source.id, scope: fixture.scope, expecting: [])
            }
            #expect(try await videos.get(source.id, scope: fixture.scope) != nil)
            let deleted = try await videos.delete(source.id, scope: fixture.scope, expecting: [derived.id, ID()])
            #expect(deleted == [source.id, derived.id])
            #expect(try await videos.list(scope: fixture.scope, page: PageRequest()).total == 0)
            #expect(try await fixture.jobs.heartbeat(unit.lease, done: nil, weight: nil, duration: .seconds(30)) == .cancelled)
            #expect(try await fixture.eventTypes() == [.videoDeleted, .videoDeleted])
            let prefixes = try await fixture.pool.run { try $0.values("SELECT prefix FROM garbage", as: String.self) }
            #expect(prefixes.contains("videos/\(source.id)"))
            #expect(prefixes.contains("jobs/\(unit.job)"))
        }
    }
}
