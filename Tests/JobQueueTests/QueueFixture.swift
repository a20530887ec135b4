import Credentials
import Domain
import JobQueue
import Postgres
import Primitives
import Store
import TestSupport

/// A migrated database with a source ready to be processed.
struct QueueFixture {
    let database: TestDatabase
    let account: AccountStore.NewAccount
    let source: ID<Video>

    var pool: ConnectionPool { database.pool }
    var scope: TeamScope { TeamScope(account.team.id) }
    var jobs: JobStore { JobStore(pool: pool) }
    var videos: VideoStore { VideoStore(pool: pool) }

    static func with(_ body: (QueueFixture) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: 6) { database in
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "a@example.com", name: "A", password: try PasswordHash.make("pw", cost: .cheap), teamName: "T")
            let source = ID<Video>()
            try await database.pool.run {
                try $0.execute(
                    """
                    INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, upload_status, upload_updated_at,
                        ingestion_status, ingestion_updated_at, file_name, file_size, file_key)
                    VALUES (\(source), \(account.team.id), \(account.user.id), \(account.defaultProject.id), 'master', 'S', \(source),
                        'DONE', now(), 'DONE', now(), 'a.mov', 1, 'videos/a/file')
                    """)
            }
            try await body(QueueFixture(database: database, account: account, source: source))
        }
    }

    func start(segments: [NewSegment]) async throws -> VideoRecord {
        try await jobs.start(
            NewProcessing(
                user: account.user.id, source: source, name: "R", options: .emptyObject, plan: .emptyObject, segments: segments),
            scope: scope)
    }

    /// A job of one unit, the analysis.
    func startAnalysis() async throws -> VideoRecord { try await start(segments: [NewSegment(kind: .analyse, stage: 0, weight: 1)]) }

    func worker(
        _ handlers: [UnitKind: any JobHandler], concurrency: Int = 2, poll: Duration = .milliseconds(50),
        storageRest: Duration = .milliseconds(10), transferRest: Duration = .milliseconds(20)
    ) -> WorkerPool {
        var settings = WorkerPool.Settings(concurrency: concurrency)
        settings.timing.poll = poll
        settings.timing.progress = .milliseconds(20)
        settings.timing.storageRest = storageRest
        settings.retryPolicy = RetryPolicy(base: .milliseconds(10), cap: .milliseconds(20))
        settings.transferRetryPolicy = RetryPolicy(base: transferRest / 2, cap: transferRest)
        return WorkerPool(
            database: database.configuration, pool: pool, handlers: handlers, settings: settings, observer: TestCluster.observer)
    }

    /// Waits for a change of the database that a worker makes.
    func wait(until condition: @Sendable @escaping (borrowing Connection) throws -> Bool) async throws {
        while try await !pool.run(condition) { await Task.yield() }
    }

    func waitForEnd(of video: ID<Video>) async throws {
        try await wait { connection in
            try connection.value("SELECT state <> 'active' FROM jobs WHERE video_id = \(video) AND kind = 'transcode'", as: Bool.self)
                == true
        }
    }
}
