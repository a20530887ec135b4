package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A job.
package struct JobRecord: Hashable, RowDecodable {
    package let id: ID<Job>
    package let createdAt: Date
    package let team: ID<Team>
    /// The video the job brings into being or describes.
    package let video: ID<Video>
    package let source: ID<Video>?
    package let kind: JobKind
    package let state: JobState
    package let priority: Int
    package let plan: JSONDocument
    package let report: JSONDocument?
    package let failure: UnitFailure?
    package let startedAt: Date?
    package let endedAt: Date?
    /// Frames or bytes, of all segments together.
    package let done: Int64
    package let total: Int64

    static let columns: SQL = """
        j.id, j.created_at, j.team_id, j.video_id, j.source_id, j.kind, j.state, j.priority, j.plan, j.report,
        \(UnitFailure.columns("j.failure")), j.started_at, j.ended_at,
        (SELECT coalesce(sum(least(done, weight)), 0)::bigint FROM segments WHERE job_id = j.id),
        (SELECT coalesce(sum(weight), 0)::bigint FROM segments WHERE job_id = j.id)
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        team = try row.next()
        video = try row.next()
        source = try row.next()
        kind = try row.next()
        state = try row.next()
        priority = try row.next()
        plan = try row.next()
        report = try row.next()
        failure = try UnitFailure.read(&row)
        startedAt = try row.next()
        endedAt = try row.next()
        done = try row.next()
        total = try row.next()
    }
}

/// A segment: one unit of a job.
package struct SegmentRecord: Hashable, RowDecodable {
    package let id: ID<Segment>
    package let job: ID<Job>
    package let kind: UnitKind
    package let stage: Int
    package let ordinal: Int
    package let frames: FrameRange?
    package let state: SegmentState
    package let weight: Int64
    package let done: Int64
    package let attempt: Int
    package let crashes: Int
    package let result: JSONDocument?
    package let object: ObjectKey?
    package let crc32c: UInt32?
    package let lastError: UnitFailure?
    package let startedAt: Date?
    package let endedAt: Date?

    static let columns: SQL = """
        s.id, s.job_id, s.kind, s.stage, s.ordinal, s.first_frame, s.end_frame, s.state, s.weight, s.done, s.attempt, s.crashes,
        s.result, s.object_key, s.crc32c, \(UnitFailure.columns("s.last_error")), s.started_at, s.ended_at
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        job = try row.next()
        kind = try row.next()
        stage = try row.next()
        ordinal = try row.next()
        frames = try FrameRange.read(&row)
        state = try row.next()
        weight = try row.next()
        done = try row.next()
        attempt = try row.next()
        crashes = try row.next()
        result = try row.next()
        object = try row.next()
        crc32c = try row.next()
        lastError = try UnitFailure.read(&row)
        startedAt = try row.next()
        endedAt = try row.next()
    }
}

extension FrameRange {
    /// Two columns, both null for no range.
    static func read(_ row: inout Row) throws(PostgresError) -> FrameRange? {
        let first: Int? = try row.next()
        let end: Int? = try row.next()
        guard let first, let end else { return nil }
        return FrameRange(first, end)
    }
}

/// A segment to be made with its job.
package struct NewSegment: Hashable, Sendable {
    package var kind: UnitKind
    /// Begins when every segment of lower stages has succeeded.
    package var stage: Int
    /// From 0, unique in its stage.
    package var ordinal: Int
    package var frames: FrameRange?
    /// Share of the job's progress: frames or bytes.
    package var weight: Int64
    /// Leases until it goes to the dead letter.
    package var maximumAttempts: Int
    /// Trained networks that its worker should have, by `ModelIdentity.key`.
    package var networks: [Int]

    package init(
        kind: UnitKind, stage: Int, ordinal: Int = 0, frames: FrameRange? = nil, weight: Int64, maximumAttempts: Int = 5,
        networks: [Int] = []
    ) {
        self.kind = kind
        self.stage = stage
        self.ordinal = ordinal
        self.frames = frames
        self.weight = weight
        self.maximumAttempts = maximumAttempts
        self.networks = networks
    }
}

/// A worker's hold on a segment. Every write it makes is guarded by the token: a lease that was taken away changes nothing.
package struct Lease: Hashable, Sendable {
    package let segment: ID<Segment>
    package let token: UUID

    package init(segment: ID<Segment>, token: UUID) {
        self.segment = segment
        self.token = token
    }
}

/// A leased segment with what its handler needs.
package struct LeasedUnit: Hashable, RowDecodable {
    package let lease: Lease
    package let job: ID<Job>
    package let video: ID<Video>
    package let source: ID<Video>?
    package let team: ID<Team>
    package let kind: UnitKind
    package let stage: Int
    package let ordinal: Int
    /// From 1.
    package let attempt: Int
    package let frames: FrameRange?
    package let weight: Int64
    package let plan: JSONDocument
    /// What an earlier attempt left for this one.
    package let checkpoint: JSONDocument?
    let isFirstOfJob: Bool

    static let columns: SQL = """
        s.id, s.lease_token, s.job_id, j.video_id, j.source_id, j.team_id, s.kind, s.stage, s.ordinal, s.attempt,
        s.first_frame, s.end_frame, s.weight, j.plan, s.checkpoint, j.started_at IS NULL
        """

    package init(row: inout Row) throws(PostgresError) {
        lease = Lease(segment: try row.next(), token: try row.next())
        job = try row.next()
        video = try row.next()
        source = try row.next()
        team = try row.next()
        kind = try row.next()
        stage = try row.next()
        ordinal = try row.next()
        attempt = try row.next()
        frames = try FrameRange.read(&row)
        weight = try row.next()
        plan = try row.next()
        checkpoint = try row.next()
        isFirstOfJob = try row.next()
    }
}

/// What a unit has achieved, committed together with everything that follows from it.
package struct UnitResult: Hashable, Sendable {
    /// Kept with the segment, for later stages.
    package var document: JSONDocument
    package var object: ObjectKey?
    package var crc32c: UInt32?
    /// The video's file: of an import or an assembly.
    package var file: StoredFile?
    /// What an ingestion found.
    package var metadata: JSONDocument?
    package var quality: JSONDocument?
    package var hasThumbnails = false
    package var hasWebVideo = false
    package var hasFullFrames = false
    /// What an ingestion found the file to be, beside what was announced.
    package var container: IngestedContainer?
    /// A free clip of a master, to be made now that it is ingested.
    package var clip: NewClip?
    /// Bytes that an export has taken out of storage, to be booked with its end.
    package var download: BilledDownload?
    /// Kept with the job.
    package var report: JSONDocument?
    /// Segments of this or later stages that only now are known.
    package var followingSegments: [NewSegment] = []

    package init(document: JSONDocument = .emptyObject) { self.document = document }
}

/// The answer to a heartbeat.
package enum HeartbeatAnswer: Equatable, Sendable {
    case held
    /// Somebody else may have the segment by now: stop, and write nothing.
    case lost
    /// The job was cancelled, or its video deleted: stop.
    case cancelled
}

/// A write that came from a worker whose lease is over.
package struct LeaseLost: Error, Equatable, Sendable {
    package init() {}
}

/// What became of a unit that asked for another attempt.
package enum RetryAnswer: Equatable, Sendable {
    case scheduled
    /// It was the last one: the job has failed.
    case buried
}
