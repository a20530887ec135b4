package import FoundationEssentials
package import Postgres

/// Why a unit, a job or an operation failed, in the words of the API's error codes.
package struct UnitFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// An error code of the API where one fits, else one of our own in the same style.
    package let code: String
    /// For people.
    package let message: String
    package let details: JSONDocument?

    package init(code: String, message: String, details: JSONDocument? = nil) {
        self.code = code
        self.message = message
        self.details = details
    }

    package var description: String { "\(code): \(message)" }

    /// The failure as a `jsonb` expression. Messages of foreign programs may hold NUL, which no document can.
    var document: SQL {
        let message = message.replacing("\0", with: "")
        return "jsonb_build_object('code', \(code)::text, 'message', \(message)::text, 'details', \(details)::jsonb)"
    }

    /// Three columns that `init(row:)` reads, of a failure stored in `column`.
    static func columns(_ column: String) -> SQL {
        """
        \(unescaped: column)->>'code', \(unescaped: column)->>'message', \
        nullif(\(unescaped: column)->'details', 'null'::jsonb)
        """
    }

    /// Nil when there is none.
    static func read(_ row: inout Row) throws(PostgresError) -> UnitFailure? {
        let code: String? = try row.next()
        let message: String? = try row.next()
        let details: JSONDocument? = try row.next()
        return code.map { UnitFailure(code: $0, message: message ?? "", details: details) }
    }
}

/// The import of a master.
package struct UploadState: Hashable, Sendable {
    package let status: OperationStatus
    /// Per cent.
    package let progress: Int
    package let updatedAt: Date
    package let error: UnitFailure?
}

/// What is known of a video's file by looking into it.
package struct IngestionState: Hashable, Sendable {
    package let status: OperationStatus
    /// Per cent.
    package let progress: Int
    /// Seconds still to go at the pace so far; nil while nothing is known.
    package let etaSeconds: Int?
    package let updatedAt: Date
    package let metadata: JSONDocument?
    package let quality: JSONDocument?
    package let hasThumbnails: Bool
    package let hasWebVideo: Bool
    package let hasFullFrames: Bool
    package let error: UnitFailure?
}

/// The processing that makes a video.
package struct ProcessingState: Hashable, Sendable {
    package let status: OperationStatus
    /// Per cent.
    package let progress: Int
    /// Seconds still to go at the pace so far; nil while nothing is known.
    package let etaSeconds: Int?
    package let updatedAt: Date
    package let error: UnitFailure?
    /// Part of the source, in milliseconds; nil for its start and its end.
    package let startMs: Int64?
    package let endMs: Int64?
    package let options: JSONDocument
}

/// The latest export of a video.
package struct OutputState: Hashable, Sendable {
    package let status: OperationStatus
    /// Per cent.
    package let progress: Int
    package let updatedAt: Date
    package let errorMessage: String?
}

/// How far the job under way on a video has come.
struct RunningJob: Sendable {
    let kind: JobKind
    /// Frames or bytes.
    let done: Int64
    let total: Int64
    let elapsedSeconds: Double?

    static let columns: SQL = "j.kind, r.done, r.total, extract(epoch FROM now() - j.started_at)::float8"

    /// Whether a worker has ever had a part of it.
    var hasBegun: Bool { elapsedSeconds != nil }

    /// Nil when no job is under way.
    static func read(_ row: inout Row) throws(PostgresError) -> RunningJob? {
        let kind: JobKind? = try row.next()
        let done: Int64? = try row.next()
        let total: Int64? = try row.next()
        let elapsed: Double? = try row.next()
        return kind.map { RunningJob(kind: $0, done: done ?? 0, total: total ?? 0, elapsedSeconds: elapsed) }
    }

    /// Per cent, below 100 until the job has ended.
    var progress: Int { total > 0 ? min(99, Int(Double(done) / Double(total) * 100)) : 0 }

    /// Seconds still to go at the pace so far; at most what the contract's 32 bits hold.
    var etaSeconds: Int? {
        guard let elapsedSeconds, done > 0, total >= done else { return nil }
        return Int(min((elapsedSeconds * Double(total - done) / Double(done)).rounded(.up), Double(Int32.max)))
    }
}
