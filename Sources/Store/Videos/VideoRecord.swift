package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A video with the state of everything that happens to it.
package struct VideoRecord: Hashable, RowDecodable {
    package let id: ID<Video>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let user: ID<User>
    package let project: ID<Project>
    package let kind: VideoKind
    package let name: String
    package let description: String?
    package let master: MasterRecord
    /// What it was made from; nil for a master.
    package let source: ID<Video>?
    /// For a clip, the clip it was made from, or itself.
    package let clip: ID<Video>?
    package let isSample: Bool
    package let fullIngestion: Bool
    /// Nil unless imported.
    package let upload: UploadState?
    /// Nil until the file is there.
    package let ingestion: IngestionState?
    /// Nil unless made by processing.
    package let processing: ProcessingState?
    package let appraisal: JSONDocument?
    /// Nil until an export was started.
    package let output: OutputState?
    /// Nil until the file is in storage.
    package let file: StoredFile?
    /// Nil until something is known of the file.
    package let announcedFile: AnnouncedFile?
    /// The latest processing job; nil unless made by processing.
    package let processingJob: ID<Job>?

    /// The master of a video: itself for a master.
    package struct MasterRecord: Hashable, Sendable {
        package let id: ID<Video>
        package let createdAt: Date
        package let updatedAt: Date
        package let file: StoredFile?
        package let announcedFile: AnnouncedFile?
    }

    static let columns: SQL = """
        v.id, v.created_at, v.updated_at, v.team_id, v.user_id, v.project_id, v.kind, v.name, v.description, v.source_id, v.clip_id,
        v.is_sample, v.full_ingestion, m.id, m.created_at, m.updated_at, \(FileColumns.columns("m")), \(FileColumns.columns("v")),
        \(RunningJob.columns),
        v.upload_status, v.upload_progress, v.upload_updated_at, \(UnitFailure.columns("v.upload_error")),
        v.ingestion_status, v.ingestion_progress, v.ingestion_updated_at, v.metadata, v.quality, v.has_thumbnails, v.has_web_video,
        v.has_full_frames, \(UnitFailure.columns("f.failure")),
        v.processing_status, v.processing_progress, v.processing_updated_at, \(UnitFailure.columns("v.processing_error")),
        v.start_ms, v.end_ms, v.options, (v.appraisal->'estimation'->'totalComputeTimeSeconds')::bigint, v.appraisal,
        v.output_status, coalesce(\(Self.exportProgress), v.output_progress), v.output_updated_at, v.output_error,
        (SELECT id FROM jobs WHERE video_id = v.id AND kind = 'transcode' ORDER BY created_at DESC LIMIT 1)
        """

    /// Per cent of the export under way, which goes on beside other jobs; null when there is none.
    private static let exportProgress: SQL = """
        (SELECT least(99, floor(100 * sum(least(s.done, s.weight)) / nullif(sum(s.weight), 0)))::bigint
        FROM jobs x JOIN segments s ON s.job_id = x.id WHERE x.video_id = v.id AND x.state = 'active' AND x.kind = 'export'
        HAVING count(*) > 0)
        """

    /// FROM clause that `columns` belongs to.
    static let joins: SQL = """
        FROM videos v JOIN videos m ON m.id = v.master_id
        LEFT JOIN jobs j ON j.video_id = v.id AND j.state = 'active' AND j.kind <> 'export'
        LEFT JOIN LATERAL (
            SELECT sum(least(done, weight))::bigint AS done, sum(weight)::bigint AS total FROM segments WHERE job_id = j.id
        ) r ON true
        LEFT JOIN LATERAL (
            SELECT failure FROM jobs WHERE video_id = v.id AND kind = 'ingest' ORDER BY created_at DESC LIMIT 1
        ) f ON v.ingestion_status = 'FAILED'
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        user = try row.next()
        project = try row.next()
        kind = try row.next()
        name = try row.next()
        description = try row.next()
        source = try row.next()
        clip = try row.next()
        isSample = try row.next()
        fullIngestion = try row.next()
        master = try Self.readMaster(&row)
        let file = try FileColumns(row: &row)
        self.file = file.stored
        announcedFile = file.announced
        let running = try RunningJob.read(&row)
        upload = try Self.readUpload(&row, running.flatMap { $0.kind == .import ? $0 : nil })
        ingestion = try Self.readIngestion(&row, running.flatMap { $0.kind == .ingest ? $0 : nil })
        processing = try Self.readProcessing(&row, running.flatMap { $0.kind == .transcode ? $0 : nil })
        appraisal = try row.next()
        output = try Self.readOutput(&row)
        processingJob = try row.next()
    }

    private static func readMaster(_ row: inout Row) throws(PostgresError) -> MasterRecord {
        let id: ID<Video> = try row.next()
        let createdAt: Date = try row.next()
        let updatedAt: Date = try row.next()
        let file = try FileColumns(row: &row)
        return MasterRecord(id: id, createdAt: createdAt, updatedAt: updatedAt, file: file.stored, announcedFile: file.announced)
    }

    private static func readUpload(_ row: inout Row, _ running: RunningJob?) throws(PostgresError) -> UploadState? {
        let status: OperationStatus? = try row.next()
        let progress: Int = try row.next()
        let updatedAt: Date? = try row.next()
        let error = try UnitFailure.read(&row)
        guard let status, let updatedAt else { return nil }
        return UploadState(status: status, progress: running?.progress ?? progress, updatedAt: updatedAt, error: error)
    }

    private static func readIngestion(_ row: inout Row, _ running: RunningJob?) throws(PostgresError) -> IngestionState? {
        let status: OperationStatus? = try row.next()
        let progress: Int = try row.next()
        let updatedAt: Date? = try row.next()
        let metadata: JSONDocument? = try row.next()
        let quality: JSONDocument? = try row.next()
        let hasThumbnails: Bool = try row.next()
        let hasWebVideo: Bool = try row.next()
        let hasFullFrames: Bool = try row.next()
        let error = try UnitFailure.read(&row)
        guard let status, let updatedAt else { return nil }
        return IngestionState(
            status: status, progress: running?.progress ?? progress, etaSeconds: eta(status, running), updatedAt: updatedAt,
            metadata: metadata, quality: quality, hasThumbnails: hasThumbnails, hasWebVideo: hasWebVideo, hasFullFrames: hasFullFrames,
            error: error)
    }

    private static func readProcessing(_ row: inout Row, _ running: RunningJob?) throws(PostgresError) -> ProcessingState? {
        let status: OperationStatus? = try row.next()
        let progress: Int = try row.next()
        let updatedAt: Date? = try row.next()
        let error = try UnitFailure.read(&row)
        let startMs: Int64? = try row.next()
        let endMs: Int64? = try row.next()
        let options: JSONDocument? = try row.next()
        let estimate: Int? = try row.next()
        guard let status, let updatedAt, let options else { return nil }
        // Until there is a pace, what it was appraised at is all that is known of its time.
        return ProcessingState(
            status: running.map { $0.hasBegun ? status : .initial } ?? status, progress: running?.progress ?? progress,
            etaSeconds: eta(status, running) ?? running.flatMap { _ in estimate }, updatedAt: updatedAt, error: error, startMs: startMs,
            endMs: endMs, options: options)
    }

    private static func readOutput(_ row: inout Row) throws(PostgresError) -> OutputState? {
        let status: OperationStatus? = try row.next()
        let progress: Int = try row.next()
        let updatedAt: Date? = try row.next()
        let errorMessage: String? = try row.next()
        guard let status, let updatedAt else { return nil }
        return OutputState(status: status, progress: progress, updatedAt: updatedAt, errorMessage: errorMessage)
    }

    private static func eta(_ status: OperationStatus, _ running: RunningJob?) -> Int? {
        status == .done ? 0 : running?.etaSeconds
    }
}
