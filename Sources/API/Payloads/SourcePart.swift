import Domain
import Primitives

/// What a video is made from.
struct SourcePart {
    let video: ID<Video>?
    let startMs: Int64?
    let endMs: Int64?

    /// The contract's `SourceVideo`, which knows no end before the first second: a whole source that is shorter has none.
    var payload: JSON {
        .members([
            "videoId": video?.json, "startPositionMilliseconds": startMs.map { .integer($0) },
            "endPositionMilliseconds": endMs.flatMap { $0 < 1000 ? nil : .integer($0) },
        ])
    }
}
