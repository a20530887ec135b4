package import Domain
package import Postgres
package import Primitives

/// A processing to be started.
package struct NewProcessing: Sendable {
    package var video: ID<Video>
    package var job: ID<Job>
    package var user: ID<User>
    package var source: ID<Video>
    /// `.processed` or `.clip`.
    package var kind: VideoKind
    package var name: String
    package var description: String?
    /// Part of the source in milliseconds; nil for its start and its end.
    package var startMs: Int64?
    package var endMs: Int64?
    package var options: JSONDocument
    /// What it was appraised at, as the API shows it.
    package var appraisal: JSONDocument?
    /// What it will cost when it succeeds; nil for what is free.
    package var charge: Charge?
    package var balanceRule = BalanceRule.open
    package var plan: JSONDocument
    /// Higher goes first.
    package var priority = 0
    package var segments: [NewSegment]
    /// A second start with the same key in the same team gives the video of the first.
    package var idempotencyKey: String?

    package init(
        video: ID<Video> = ID(), job: ID<Job> = ID(), user: ID<User>, source: ID<Video>, kind: VideoKind = .processed, name: String,
        description: String? = nil, startMs: Int64? = nil, endMs: Int64? = nil, options: JSONDocument, plan: JSONDocument,
        segments: [NewSegment]
    ) {
        self.video = video
        self.job = job
        self.user = user
        self.source = source
        self.kind = kind
        self.name = name
        self.description = description
        self.startMs = startMs
        self.endMs = endMs
        self.options = options
        self.plan = plan
        self.segments = segments
    }
}

/// Jobs and the queue of their segments.
package struct JobStore: Sendable {
    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Makes the video to be, its job, the job's segments and the `…started` event, in one transaction that wakes workers.
    ///
    /// The video goes to the source's team and project. Throws `.notFound(.video)` for a source outside the scope, and
    /// `.conflict(.sourceNotReady)` unless its file is there and ingested. For one with a charge, throws
    /// `.conflict(.insufficientBalance)` and `.conflict(.noMarketplaceAgreement)` too.
    package func start(_ new: NewProcessing, scope: TeamScope) async throws -> VideoRecord {
        try await pool.change { try Self.start(new, scope: scope, in: $0) }
    }

    static func start(_ new: NewProcessing, scope: TeamScope, in transaction: borrowing Transaction) throws -> VideoRecord {
        let source: Source? = try transaction.first(
            """
            SELECT team_id, project_id, master_id, clip_id, kind, file_key IS NOT NULL AND ingestion_status = 'DONE', full_ingestion
            FROM videos WHERE id = \(new.source) AND team_id = ANY(\(scope.teams)) FOR SHARE
            """)
        guard let source else { throw StoreError.notFound(.video) }
        guard source.isReady else { throw StoreError.conflict(.sourceNotReady) }
        if let key = new.idempotencyKey {
            // Two starts with one key, at once: the second waits for the first, and sees its job.
            try transaction.execute("SELECT pg_advisory_xact_lock(hashtextextended(\("\(source.team) \(key)"), 0))")
            let earlier = try transaction.value(
                "SELECT video_id FROM jobs WHERE team_id = \(source.team) AND idempotency_key = \(key)", as: ID<Video>.self)
            if let earlier, let video = try VideoStore.get(earlier, scope: scope, on: transaction) { return video }
        }
        let clip: ID<Video>? = new.kind == .clip ? (source.kind == .clip ? source.clip : new.video) : nil
        try transaction.execute(
            """
            INSERT INTO videos (id, team_id, user_id, project_id, kind, name, description, master_id, source_id, clip_id,
                full_ingestion, processing_status, processing_updated_at, start_ms, end_ms, options, appraisal)
            VALUES (\(new.video), \(source.team), \(new.user), \(source.project), \(new.kind), \(new.name), \(new.description),
                \(source.master), \(new.source), \(clip), \(source.fullIngestion), 'IN_PROGRESS', clock_timestamp(), \(new.startMs),
                \(new.endMs), \(new.options), \(new.appraisal))
            """)
        try Self.insert(
            JobToInsert(
                id: new.job, team: source.team, video: new.video, videoKind: new.kind, source: new.source, kind: .transcode,
                priority: new.priority, plan: new.plan, idempotencyKey: new.idempotencyKey), segments: new.segments, in: transaction)
        if let charge = new.charge {
            try Ledger.reserve(charge, for: new.job, team: source.team, rule: new.balanceRule, in: transaction)
        }
        guard let video = try VideoStore.get(new.video, scope: scope, on: transaction) else { throw StoreError.notFound(.video) }
        return video
    }

    package func job(_ id: ID<Job>) async throws -> JobRecord? {
        try await pool.run { try $0.first("SELECT \(JobRecord.columns) FROM jobs j WHERE j.id = \(id)") }
    }

    /// Those of these jobs that have not ended and whose videos are there.
    package func activeJobs(among jobs: [ID<Job>]) async throws -> Set<ID<Job>> {
        try await pool.run { Set(try $0.values("SELECT id FROM jobs WHERE id = ANY(\(jobs)) AND state = 'active'", as: ID<Job>.self)) }
    }

    /// Jobs of a video, the latest first.
    package func jobs(of video: ID<Video>, scope: TeamScope) async throws -> [JobRecord] {
        try await pool.run {
            try $0.query(
                """
                SELECT \(JobRecord.columns) FROM jobs j WHERE j.video_id = \(video) AND j.team_id = ANY(\(scope.teams))
                ORDER BY j.created_at DESC
                """)
        }
    }

    /// The report of the latest processing of a video; nil when there is none.
    package func report(of video: ID<Video>, scope: TeamScope) async throws -> JSONDocument? {
        try await pool.run {
            try $0.value(
                """
                SELECT report FROM jobs WHERE video_id = \(video) AND team_id = ANY(\(scope.teams)) AND report IS NOT NULL
                ORDER BY created_at DESC LIMIT 1
                """)
        }
    }

    /// Segments of a job, by stage and ordinal.
    package func segments(of job: ID<Job>) async throws -> [SegmentRecord] {
        try await pool.run {
            try $0.query("SELECT \(SegmentRecord.columns) FROM segments s WHERE s.job_id = \(job) ORDER BY s.stage, s.ordinal")
        }
    }

    /// Segments of a job's stages below one, by stage and ordinal.
    package func segments(of job: ID<Job>, below stage: Int) async throws -> [SegmentRecord] {
        try await pool.run {
            try $0.query(
                """
                SELECT \(SegmentRecord.columns) FROM segments s WHERE s.job_id = \(job) AND s.stage < \(stage)
                ORDER BY s.stage, s.ordinal
                """)
        }
    }

    /// Ends a job that is under way: nothing more of it is leased, workers on it are told, and its video's operation is
    /// failed, with the event. Throws `.notFound(.job)`, or `.conflict(.jobEnded)`.
    package func cancel(_ id: ID<Job>, scope: TeamScope) async throws {
        try await pool.change { transaction in
            guard let job = try LockedJob.lock(id, in: transaction), scope.teams.contains(job.team) else {
                throw StoreError.notFound(.job)
            }
            guard job.state == .active else { throw StoreError.conflict(.jobEnded) }
            try job.fail(
                UnitFailure(code: "CANCELLED", message: "The job was cancelled."), endState: .cancelled, in: transaction)
            try Self.announceCancellation(of: id, in: transaction)
        }
    }

    /// Moves a job that is under way in the queue, with those of its segments that are not done; higher goes first.
    ///
    /// Throws `.notFound(.job)`, or `.conflict(.jobEnded)`.
    package func setPriority(_ priority: Int, of id: ID<Job>, scope: TeamScope) async throws -> JobRecord {
        try await pool.change { transaction in
            guard let job = try LockedJob.lock(id, in: transaction), scope.teams.contains(job.team) else {
                throw StoreError.notFound(.job)
            }
            guard job.state == .active else { throw StoreError.conflict(.jobEnded) }
            try transaction.execute("UPDATE jobs SET priority = \(priority), updated_at = now() WHERE id = \(id)")
            try transaction.execute(
                "UPDATE segments SET priority = \(priority) WHERE job_id = \(id) AND state IN ('waiting', 'available', 'leased')")
            return try transaction.one("SELECT \(JobRecord.columns) FROM jobs j WHERE j.id = \(id)")
        }
    }

    /// Forgets the segments of jobs that ended longer ago than `age`, 10,000 at most; returns how many. The jobs stay, for
    /// their reports.
    package func pruneSegments(endedBefore age: Duration) async throws -> Int {
        try await pool.run {
            try $0.execute(
                """
                DELETE FROM segments WHERE id IN (
                    SELECT s.id FROM segments s JOIN jobs j ON j.id = s.job_id
                    WHERE j.state <> 'active' AND j.ended_at < now() - make_interval(secs => \(age)) LIMIT 10000)
                """)
        }
    }

    /// Tells workers on a job, when the transaction commits, to stop.
    static func announceCancellation(of job: ID<Job>, in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("SELECT pg_notify(\(Channel.cancellation), \(job.description))")
    }

    /// A job on its way into the table.
    struct JobToInsert {
        var id: ID<Job> = ID()
        let team: ID<Team>
        let video: ID<Video>
        let videoKind: VideoKind
        var source: ID<Video>?
        let kind: JobKind
        var priority = 0
        var plan: JSONDocument = .emptyObject
        var idempotencyKey: String?
    }

    /// Inserts a job with its segments and its `…started` event, and wakes workers on commit.
    static func insert(_ job: JobToInsert, segments: [NewSegment], in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO jobs (id, team_id, video_id, source_id, kind, priority, plan, idempotency_key)
            VALUES (\(job.id), \(job.team), \(job.video), \(job.source), \(job.kind), \(job.priority), \(job.plan),
                \(job.idempotencyKey))
            """)
        let firstStage = segments.map(\.stage).min() ?? 0
        try insert(segments, of: job.id, priority: job.priority, availableStage: firstStage, in: transaction)
        try EventOutbox.record(.of(job.kind, job.videoKind, .started), video: job.video, team: job.team, in: transaction)
        try wakeWorkers(in: transaction)
    }

    /// Inserts segments in the order given; those of `availableStage` can be leased at once.
    static func insert(
        _ segments: [NewSegment], of job: ID<Job>, priority: Int, availableStage: Int?, in transaction: borrowing Transaction
    ) throws(PostgresError) {
        guard !segments.isEmpty else { return }
        // One statement for all: parallel arrays, one row for each place in them; -1 stands for no frame. An array of arrays would
        // have to be a rectangle: networks go as texts.
        try transaction.execute(
            """
            INSERT INTO segments (id, job_id, kind, stage, ordinal, first_frame, end_frame, state, priority, weight, maximum_attempts,
                networks)
            SELECT id, \(job), kind, stage, ordinal, nullif(first_frame, -1), nullif(end_frame, -1),
                CASE WHEN stage = \(availableStage ?? -1) THEN 'available' ELSE 'waiting' END, \(priority), weight, maximum_attempts,
                networks::bigint[]
            FROM unnest(\(segments.map { _ in ID<Segment>() }), \(segments.map(\.kind)), \(segments.map(\.stage)),
                \(segments.map(\.ordinal)), \(segments.map { $0.frames?.start ?? -1 }), \(segments.map { $0.frames?.end ?? -1 }),
                \(segments.map { Int($0.weight) }), \(segments.map(\.maximumAttempts)),
                \(segments.map { "{\($0.networks.map(String.init).joined(separator: ","))}" }))
                WITH ORDINALITY AS n (id, kind, stage, ordinal, first_frame, end_frame, weight, maximum_attempts, networks, place)
            ORDER BY place
            """)
    }

    static func wakeWorkers(in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("SELECT pg_notify(\(Channel.work), '')")
    }

    private struct Source: RowDecodable {
        let team: ID<Team>
        let project: ID<Project>
        let master: ID<Video>
        let clip: ID<Video>?
        let kind: VideoKind
        let isReady: Bool
        let fullIngestion: Bool

        init(row: inout Row) throws(PostgresError) {
            team = try row.next()
            project = try row.next()
            master = try row.next()
            clip = try row.next()
            kind = try row.next()
            isReady = try row.next(Bool?.self) ?? false
            fullIngestion = try row.next()
        }
    }
}
