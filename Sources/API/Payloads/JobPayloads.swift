package import Domain
import Primitives
package import Store

extension JobRecord {
    /// `Job` of the description: the job with the log of its units.
    func json(segments: [SegmentRecord]) -> JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "videoId": video.json, "sourceVideoId": source?.json,
            "kind": .string(kind.rawValue), "state": .string(state.rawValue), "priority": .integer(Int64(priority)),
            "startedAt": startedAt.map { .timestamp($0) }, "endedAt": endedAt.map { .timestamp($0) }, "done": .integer(done),
            "total": .integer(total), "failure": failure?.summary, "units": .array(segments.map(\.json)),
        ])
    }
}

extension SegmentRecord: JSONRepresentable {
    /// `JobUnit` of the description.
    package var json: JSON {
        .members([
            "kind": .string(kind.rawValue), "stage": .integer(Int64(stage)), "ordinal": .integer(Int64(ordinal)),
            "firstFrame": frames.map { .integer(Int64($0.start)) }, "endFrame": frames.map { .integer(Int64($0.end)) },
            "state": .string(state.rawValue), "done": .integer(min(done, weight)), "total": .integer(weight),
            "attempts": .integer(Int64(attempt)), "lostWorkers": .integer(Int64(crashes)),
            "startedAt": startedAt.map { .timestamp($0) }, "endedAt": endedAt.map { .timestamp($0) }, "lastError": lastError?.summary,
        ])
    }
}

extension UnitFailure {
    /// Code and message.
    fileprivate var summary: JSON { .members(["code": .string(code), "message": .string(message)]) }
}
