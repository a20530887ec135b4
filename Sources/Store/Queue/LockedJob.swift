import Domain
import Postgres
import Primitives

/// A job whose row the transaction holds: the changes of one job happen one after the other. Locks are always taken in the
/// order job, segments, video.
struct LockedJob: RowDecodable {
    let id: ID<Job>
    let team: ID<Team>
    let video: ID<Video>
    let kind: JobKind
    let state: JobState
    let priority: Int
    let videoKind: VideoKind

    private static let columns: SQL = "j.id, j.team_id, j.video_id, j.kind, j.state, j.priority, v.kind"

    init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        team = try row.next()
        video = try row.next()
        kind = try row.next()
        state = try row.next()
        priority = try row.next()
        videoKind = try row.next()
    }

    /// Nil when there is no such job.
    static func lock(_ id: ID<Job>, in transaction: borrowing Transaction) throws(PostgresError) -> LockedJob? {
        try transaction.first("SELECT \(columns) FROM jobs j JOIN videos v ON v.id = j.video_id WHERE j.id = \(id) FOR UPDATE OF j")
    }

    /// The job of a held segment; nil when the lease is over.
    static func lock(of lease: Lease, in transaction: borrowing Transaction) throws(PostgresError) -> LockedJob? {
        try transaction.first(
            """
            SELECT \(columns) FROM segments s JOIN jobs j ON j.id = s.job_id JOIN videos v ON v.id = j.video_id
            WHERE s.id = \(lease.segment) AND s.lease_token = \(lease.token) FOR UPDATE OF j
            """)
    }

    /// What is left of a job when one of its segments has succeeded.
    struct Completion: RowDecodable {
        /// Stage of the segment.
        let stage: Int
        /// Lowest stage that is not finished; nil when all are.
        let unfinishedStage: Int?

        init(row: inout Row) throws(PostgresError) {
            stage = try row.next()
            unfinishedStage = try row.next()
        }
    }

    /// Marks a held segment of this job as succeeded; nil when the lease is over. The lock on the job makes the answer right:
    /// no other segment of it ends meanwhile.
    func complete(_ lease: Lease, _ result: UnitResult, in transaction: borrowing Transaction) throws(PostgresError) -> Completion? {
        try transaction.first(
            """
            WITH ended AS (
                UPDATE segments SET state = 'succeeded', done = weight, result = \(result.document), object_key = \(result.object),
                    crc32c = \(result.crc32c), ended_at = now(), lease_token = NULL, lease_holder = NULL, lease_expires_at = NULL
                WHERE id = \(lease.segment) AND lease_token = \(lease.token) RETURNING stage
            )
            SELECT stage, (
                SELECT min(stage) FROM segments WHERE job_id = \(id) AND state <> 'succeeded' AND id <> \(lease.segment)
            ) FROM ended
            """)
    }

    /// Makes the waiting segments of a stage available, and wakes workers.
    func open(stage: Int, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute(
            """
            UPDATE segments SET state = 'available', not_before = now()
            WHERE job_id = \(id) AND stage = \(stage) AND state = 'waiting'
            """)
        try JobStore.wakeWorkers(in: transaction)
    }

    /// Ends the job well: the video's operation is done, with its event, and what follows is queued.
    func succeed(_ result: UnitResult, in transaction: borrowing Transaction) throws(PostgresError) {
        try end(.succeeded, in: transaction)
        switch kind {
        case .import, .transcode:
            let operation = kind == .import ? "upload" : "processing"
            let file: SQL = result.file.map { ", " + $0.assignments } ?? .empty
            try transaction.execute(
                """
                UPDATE videos SET \(unescaped: operation)_status = 'DONE', \(unescaped: operation)_progress = 100,
                    \(unescaped: operation)_updated_at = now(), \(unescaped: operation)_error = NULL,
                    ingestion_status = 'IN_PROGRESS', ingestion_progress = 0, ingestion_updated_at = now(), updated_at = now()
                """ + file + " WHERE id = \(video)")
            try recordEvent(.done, in: transaction)
            if kind == .transcode {
                try Ledger.bookProcessing(id, team: team, video: video, in: transaction)
                try MeasurementStore.record(id, in: transaction)
            }
            try JobStore.insert(
                JobStore.JobToInsert(team: team, video: video, videoKind: videoKind, kind: .ingest, priority: priority),
                segments: [NewSegment(kind: .ingest, stage: 0, weight: 1000)], in: transaction)
        case .ingest:
            try transaction.execute(
                """
                UPDATE videos SET ingestion_status = 'DONE', ingestion_progress = 100, ingestion_updated_at = now(),
                    metadata = \(result.metadata), quality = \(result.quality), has_thumbnails = \(result.hasThumbnails),
                    has_web_video = \(result.hasWebVideo), has_full_frames = \(result.hasFullFrames), updated_at = now(),
                    file_container = coalesce(\(result.container?.name), file_container),
                    file_type = coalesce(\(result.container?.mimeType), file_type)
                WHERE id = \(video)
                """)
            try recordEvent(.done, in: transaction)
            try result.clip?.insert(of: video, priority: priority, in: transaction)
        case .export:
            try transaction.execute(
                """
                UPDATE videos SET output_status = 'DONE', output_progress = 100, output_updated_at = now(), output_error = NULL,
                    updated_at = now() WHERE id = \(video)
                """)
            if let download = result.download { try BillingStore.book(download.download, by: download.card, in: transaction) }
            // Its keys are of no more use.
            try transaction.execute("DELETE FROM exports WHERE video_id = \(video)")
            try recordEvent(.done, in: transaction)
        }
    }

    /// Ends the job badly: what was not done is dropped, the video's operation is failed, with its event.
    func fail(_ failure: UnitFailure, endState: JobState, in transaction: borrowing Transaction) throws(PostgresError) {
        let progress =
            try transaction.value(
                """
                SELECT coalesce(floor(100 * sum(least(done, weight)) / nullif(sum(weight), 0)), 0)::bigint
                FROM segments WHERE job_id = \(id)
                """, as: Int.self) ?? 0
        try transaction.execute(
            """
            UPDATE segments SET state = 'cancelled', ended_at = now(), lease_token = NULL, lease_holder = NULL,
                lease_expires_at = NULL
            WHERE job_id = \(id) AND state IN ('waiting', 'available', 'leased')
            """)
        try end(endState, in: transaction)
        try transaction.execute("UPDATE jobs SET failure = \(failure.document) WHERE id = \(id)")
        let operation =
            switch kind {
            case .import: "upload"
            case .ingest: "ingestion"
            case .transcode: "processing"
            case .export: "output"
            }
        let error: SQL =
            switch kind {
            case .import, .transcode: ", \(unescaped: operation)_error = \(failure.document)"
            // A video has no place of its own for why its ingestion failed: it is read from the job.
            case .ingest: .empty
            case .export: ", output_error = \(failure.message.replacing("\0", with: ""))"
            }
        try transaction.execute(
            """
            UPDATE videos SET \(unescaped: operation)_status = 'FAILED', \(unescaped: operation)_progress = \(min(progress, 99)),
                \(unescaped: operation)_updated_at = now(), updated_at = now()
            """ + error + " WHERE id = \(video)")
        if kind == .ingest, videoKind != .master { try Ledger.refundProcessing(of: video, team: team, in: transaction) }
        try recordEvent(.failed, in: transaction)
    }

    private func end(_ state: JobState, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("UPDATE jobs SET state = \(state), ended_at = now(), updated_at = now() WHERE id = \(id)")
        try GarbageStore.add(prefix: "jobs/\(id)", in: transaction)
    }

    private func recordEvent(_ phase: EventType.Phase, in transaction: borrowing Transaction) throws(PostgresError) {
        try EventOutbox.record(.of(kind, videoKind, phase), video: video, team: team, in: transaction)
    }
}
