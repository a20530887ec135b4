import Dispatch
import Domain
import Postgres
import Primitives
import Store
import Testing

@Suite("Uploads in pieces", .timeLimit(.minutes(1)))
struct UploadTests {
    private static func begin(_ fixture: Fixture, in project: ID<Project>? = nil) async throws -> UploadRecord {
        try await UploadStore(pool: fixture.pool).create(
            NewUpload(
                team: fixture.account.team.id, user: fixture.account.user.id, project: project ?? fixture.account.defaultProject.id,
                name: "Reel", description: nil, fullIngestion: false, fileName: "reel.mov", fileSize: 20, crc32c: nil))
    }

    @Test("a project cannot be deleted while an upload into it is under way, nor begun once it is deleted")
    func project() async throws {
        try await Fixture.with { fixture in
            let (projects, uploads) = (ProjectStore(pool: fixture.pool), UploadStore(pool: fixture.pool))
            let project = try await projects.create(team: fixture.account.team.id, name: "Reels")
            let upload = try await Self.begin(fixture, in: project.id)
            await #expect(throws: StoreError.conflict(.projectNotEmpty(videos: 0, uploads: 1))) {
                try await projects.delete(project.id, scope: fixture.scope)
            }
            #expect(try await uploads.get(upload.id, scope: fixture.scope) == upload)
            try await uploads.remove(upload.id)
            try await projects.delete(project.id, scope: fixture.scope)
            await #expect(throws: StoreError.notFound(.project)) { try await Self.begin(fixture, in: project.id) }
        }
    }

    @Test("the deletion of a project waits for an upload that is being put into it, and sees it")
    func deletionMeetsUpload() async throws {
        try await Fixture.with { fixture in
            let (projects, account, scope) = (ProjectStore(pool: fixture.pool), fixture.account, fixture.scope)
            let project = try await projects.create(team: account.team.id, name: "Reels")
            let (inserted, mayCommit) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let insertion: Void = fixture.pool.transaction { transaction in
                try transaction.execute(
                    """
                    INSERT INTO uploads (id, team_id, user_id, project_id, name, full_ingestion, file_name, file_size)
                    VALUES (\(ID<Video>()), \(account.team.id), \(account.user.id), \(project.id), 'Reel', false, 'reel.mov', 20)
                    """)
                inserted.signal()
                // The lane of this connection waits, no thread of the pool.
                mayCommit.wait()
            }
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    inserted.wait()
                    continuation.resume()
                }
            }
            let deletion = Task { try await projects.delete(project.id, scope: scope) }
            let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            while try await fixture.pool.run({ try $0.value(waiting, as: Int.self) ?? 0 }) < 1 { await Task.yield() }
            mayCommit.signal()
            try await insertion
            await #expect(throws: StoreError.conflict(.projectNotEmpty(videos: 0, uploads: 1))) { try await deletion.value }
        }
    }

    @Test("an upload that is given up becomes no import any more, and its bytes are handed to the sweep")
    func givenUp() async throws {
        try await Fixture.with { fixture in
            let uploads = UploadStore(pool: fixture.pool)
            let upload = try await Self.begin(fixture)
            try await uploads.remove(upload.id)
            let swept = try await fixture.pool.run { try $0.values("SELECT prefix FROM garbage", as: String.self) }
            #expect(swept == ["videos/\(upload.id)"])
            await #expect(throws: StoreError.notFound(.upload)) { try await uploads.renew(upload.id) }
            let ended = NewImport(
                video: upload.id, team: upload.team, user: upload.user, project: upload.project, name: upload.name,
                file: AnnouncedFile(name: upload.fileName, size: upload.fileSize, mimeType: nil), request: .emptyObject)
            await #expect(throws: StoreError.notFound(.upload)) { try await fixture.imports.start(ended, isUpload: true) }
            #expect(try await fixture.videos.get(upload.id, scope: fixture.scope) == nil)
        }
    }

    @Test("an upload lapses when no bytes came for a day")
    func lapse() async throws {
        try await Fixture.with { fixture in
            let uploads = UploadStore(pool: fixture.pool)
            let (flowing, forgotten) = (try await Self.begin(fixture), try await Self.begin(fixture))
            try await fixture.pool.run { try $0.execute("UPDATE uploads SET updated_at = now() - interval '25 hours'") }
            try await uploads.renew(flowing.id)
            #expect(try await uploads.prune() == 1)
            #expect(try await uploads.get(flowing.id, scope: fixture.scope) != nil)
            #expect(try await uploads.get(forgotten.id, scope: fixture.scope) == nil)
        }
    }
}
