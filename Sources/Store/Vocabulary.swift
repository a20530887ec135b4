import Postgres

/// The four values of every state machine of the API.
package enum OperationStatus: String, Codable, Sendable, CaseIterable, Bindable, ColumnDecodable {
    case initial = "INITIAL"
    case inProgress = "IN_PROGRESS"
    case done = "DONE"
    case failed = "FAILED"
}

/// What a video is.
package enum VideoKind: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    /// Imported.
    case master
    /// Made from a whole video by processing.
    case processed
    /// A part of a video, or made from one.
    case clip
}

/// What a job does.
package enum JobKind: String, Sendable, CaseIterable, Bindable, ColumnDecodable { case `import`, ingest, transcode, export }

/// Where a job stands: `active` until it has ended in one of the other three ways.
package enum JobState: String, Sendable, CaseIterable, Bindable, ColumnDecodable { case active, succeeded, cancelled, dead }

/// Where a segment stands.
package enum SegmentState: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    /// A lower stage of its job is not done.
    case waiting
    /// To be leased, from its earliest time on.
    case available
    case leased, succeeded, cancelled
    /// Given up after too many attempts, or for a failure that would come again: the dead letter.
    case dead
}

/// What one unit of work is.
package enum UnitKind: String, Sendable, CaseIterable, ArrayBindable, ColumnDecodable {
    /// Copies a source into storage.
    case importSource = "import"
    /// Reads what a stored file is.
    case ingest
    /// Looks at all frames of a job before any is encoded.
    case analyse
    /// Decodes, processes and encodes one range of frames.
    case encode
    /// Joins the ranges to the finished file.
    case assemble
    /// Copies a finished file to somebody's bucket.
    case export

    /// Whether it copies over a network, and goes on where an earlier attempt of it stopped.
    package var isTransfer: Bool { self == .importSource || self == .export }
}

/// The event types of webhooks; raw values as in the API.
package enum EventType: String, Codable, Sendable, CaseIterable, ArrayBindable, ColumnDecodable {
    case videoInStarted = "video_in.started"
    case videoInDone = "video_in.done"
    case videoInFailed = "video_in.failed"
    case videoInIngestionStarted = "video_in_ingestion.started"
    case videoInIngestionDone = "video_in_ingestion.done"
    case videoInIngestionFailed = "video_in_ingestion.failed"
    case clipProcessingStarted = "clip_processing.started"
    case clipProcessingDone = "clip_processing.done"
    case clipProcessingFailed = "clip_processing.failed"
    case clipIngestionStarted = "clip_ingestion.started"
    case clipIngestionDone = "clip_ingestion.done"
    case clipIngestionFailed = "clip_ingestion.failed"
    case videoProcessingStarted = "video_processing.started"
    case videoProcessingDone = "video_processing.done"
    case videoProcessingFailed = "video_processing.failed"
    case videoProcessingIngestionStarted = "video_processing_ingestion.started"
    case videoProcessingIngestionDone = "video_processing_ingestion.done"
    case videoProcessingIngestionFailed = "video_processing_ingestion.failed"
    case videoOutStarted = "video_out.started"
    case videoOutDone = "video_out.done"
    case videoOutFailed = "video_out.failed"
    case videoDeleted = "video.deleted"

    /// What happened to an operation.
    enum Phase { case started, done, failed }

    /// The event of a job of this kind for a video of this kind.
    static func of(_ job: JobKind, _ video: VideoKind, _ phase: Phase) -> EventType {
        switch (job, video, phase) {
        case (.import, _, .started): .videoInStarted
        case (.import, _, .done): .videoInDone
        case (.import, _, .failed): .videoInFailed
        case (.ingest, .master, .started): .videoInIngestionStarted
        case (.ingest, .master, .done): .videoInIngestionDone
        case (.ingest, .master, .failed): .videoInIngestionFailed
        case (.ingest, .processed, .started): .videoProcessingIngestionStarted
        case (.ingest, .processed, .done): .videoProcessingIngestionDone
        case (.ingest, .processed, .failed): .videoProcessingIngestionFailed
        case (.ingest, .clip, .started): .clipIngestionStarted
        case (.ingest, .clip, .done): .clipIngestionDone
        case (.ingest, .clip, .failed): .clipIngestionFailed
        case (.export, _, .started): .videoOutStarted
        case (.export, _, .done): .videoOutDone
        case (.export, _, .failed): .videoOutFailed
        case (.transcode, .clip, .started): .clipProcessingStarted
        case (.transcode, .clip, .done): .clipProcessingDone
        case (.transcode, .clip, .failed): .clipProcessingFailed
        case (.transcode, _, .started): .videoProcessingStarted
        case (.transcode, _, .done): .videoProcessingDone
        case (.transcode, _, .failed): .videoProcessingFailed
        }
    }
}

/// Channels of `NOTIFY`.
package enum Channel {
    /// Segments became available; the payload is empty.
    package static let work = "remaster_work"
    /// A job was cancelled, or its video deleted; the payload is the job's id.
    package static let cancellation = "remaster_cancellation"
    /// Webhook events became due; the payload is empty.
    package static let events = "remaster_events"
}
