import Credentials
import Dispatch
import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// A migrated database with one account, and short ways to what most tests need.
struct Fixture {
    let database: TestDatabase
    let account: AccountStore.NewAccount

    var pool: ConnectionPool { database.pool }
    var scope: TeamScope { TeamScope(account.team.id) }
    var jobs: JobStore { JobStore(pool: pool) }
    var videos: VideoStore { VideoStore(pool: pool) }
    var imports: ImportStore { ImportStore(pool: pool) }
    var webhooks: WebhookStore { WebhookStore(pool: pool) }
    var outbox: EventOutbox { EventOutbox(pool: pool) }

    /// Runs `body` with a fixture of its own.
    static func with(connections: Int = 4, _ body: (Fixture) async throws -> Void) async throws {
        try await TestDatabase.withMigrated(connections: connections) { database in
            try await body(Fixture(database: database, account: try await makeAccount(database.pool, "owner@example.com")))
        }
    }

    static func makeAccount(_ pool: ConnectionPool, _ email: String) async throws -> AccountStore.NewAccount {
        try await AccountStore(pool: pool).createAccount(
            email: email, name: email, password: try PasswordHash.make("correct horse", cost: .cheap), teamName: "Team of \(email)")
    }

    /// An import that was just accepted.
    func startImport(name: String = "Reel") async throws -> VideoRecord {
        try await imports.start(
            NewImport(
                team: account.team.id, user: account.user.id, project: account.defaultProject.id, name: name,
                file: AnnouncedFile(name: "reel.mov", size: 1000, mimeType: "video/quicktime"),
                request: JSONDocument(#"{"kind": "https"}"#), sealedSecret: [1, 2, 3]))
    }

    /// A master that was imported and ingested.
    func makeMaster(name: String = "Reel") async throws -> VideoRecord {
        let video = try await startImport(name: name)
        try await completeNext(.importSource, Self.fileResult(video.id))
        try await completeNext(.ingest, Self.ingestResult)
        return try #require(await videos.get(video.id, scope: scope))
    }

    /// A processing of `source` with one analysis, `count` encodes of 100 frames and one assembly.
    func startProcessing(
        of source: VideoRecord, kind: VideoKind = .processed, segments count: Int = 2, attempts: Int = 5, key: String? = nil
    ) async throws -> VideoRecord {
        var segments = [NewSegment(kind: .analyse, stage: 0, weight: 10, maximumAttempts: attempts)]
        for ordinal in 0..<count {
            segments.append(
                NewSegment(
                    kind: .encode, stage: 1, ordinal: ordinal, frames: FrameRange(ordinal * 100, ordinal * 100 + 100), weight: 100,
                    maximumAttempts: attempts))
        }
        segments.append(NewSegment(kind: .assemble, stage: 2, weight: 10, maximumAttempts: attempts))
        var new = NewProcessing(
            user: account.user.id, source: source.id, kind: kind, name: "Restored", options: JSONDocument("{}"),
            plan: JSONDocument(#"{"plan": 1}"#), segments: segments)
        new.idempotencyKey = key
        return try await jobs.start(new, scope: scope)
    }

    /// Leases one unit of this kind.
    func lease(_ kind: UnitKind, for duration: Duration = .seconds(30)) async throws -> LeasedUnit? {
        try await jobs.lease(kinds: [kind], limit: 1, worker: ID(), duration: duration).first
    }

    /// Leases one unit of this kind and completes it.
    @discardableResult
    func completeNext(_ kind: UnitKind, _ result: UnitResult = UnitResult()) async throws -> LeasedUnit {
        let unit = try #require(await lease(kind))
        try await jobs.complete(unit.lease, result: result)
        return unit
    }

    /// Makes every lease look as if its worker had been silent for too long.
    func expireLeases() async throws {
        try await pool.run { connection in
            try connection.execute("UPDATE segments SET lease_expires_at = now() - interval '1 second' WHERE state = 'leased'")
            try connection.execute(
                "UPDATE webhook_events SET lease_expires_at = now() - interval '1 second' WHERE lease_token IS NOT NULL")
        }
    }

    /// Asks for a job's new beginning; whether it was granted.
    func begins(_ unit: LeasedUnit, _ restart: JobRestart) async throws -> Bool {
        do { return try await jobs.restart(unit.lease, restart) == .scheduled } catch is LeaseLost { return false }
    }

    /// Runs `body` against a job whose row is locked until `count` transactions wait; the lock's holder then changes the job, and
    /// more where `change` says so, and commits.
    func whileJobIsLocked<Value: Sendable>(
        _ job: ID<Job>, waiting count: Int, changing change: SQL? = nil, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (locked, mayCommit) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let pool = pool
        async let holding: Void = pool.transaction { transaction in
            try transaction.execute("SELECT 1 FROM jobs WHERE id = \(job) FOR UPDATE")
            locked.signal()
            // The lane of this connection waits, no thread of the pool.
            mayCommit.wait()
            if let change {
                try transaction.execute("UPDATE jobs SET updated_at = now() WHERE id = \(job)")
                try transaction.execute(change)
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                locked.wait()
                continuation.resume()
            }
        }
        async let value = body()
        let waiting: SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while try await pool.run({ try $0.value(waiting, as: Int.self) ?? 0 }) < count { await Task.yield() }
        mayCommit.signal()
        try await holding
        return try await value
    }

    /// A webhook for these types.
    func subscribe(_ types: [EventType] = EventType.allCases) async throws -> WebhookRecord {
        try await webhooks.create(
            NewWebhook(team: account.team.id, name: "Hook", url: "https://example.com/hook", eventTypes: types))
    }

    /// Types of all events so far, in order.
    func eventTypes() async throws -> [EventType] {
        try await pool.run { try $0.values("SELECT event_type FROM webhook_events ORDER BY position") }
    }

    static func fileResult(_ video: ID<Video>) -> UnitResult {
        var result = UnitResult(document: JSONDocument(#"{"bytes": 1000}"#))
        result.file = ObjectKey("videos/\(video)/file").map {
            StoredFile(
                name: "reel.mov", size: 1000, mimeType: "video/quicktime", containerName: "QuickTime / MOV", crc32c: 4_000_000_000,
                key: $0, lastModified: Date(timeIntervalSince1970: 1_700_000_000))
        }
        return result
    }

    static var ingestResult: UnitResult {
        var result = UnitResult()
        result.metadata = JSONDocument(#"{"frameWidth": 1280}"#)
        return result
    }

    /// A delay that never passes during a test.
    static func long(_ attempt: Int) -> Duration { .seconds(3600) }
    /// No delay.
    static func none(_ attempt: Int) -> Duration { .zero }
}
