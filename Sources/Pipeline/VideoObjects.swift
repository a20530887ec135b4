package import Domain
package import Primitives

/// Names of the objects of one video.
package struct VideoObjects: Sendable {
    private let prefix: String

    package init(_ video: ID<Video>) { prefix = "videos/\(video)" }

    /// The file itself: an import's copy or a job's rendition.
    package var file: ObjectKey { key("file") }
    /// `MediaDescription` of the file, JSON.
    package var description: ObjectKey { key("description.json") }
    /// `FrameIndex` of the file, its own binary form.
    package var frameIndex: ObjectKey { key("frame-index") }

    private func key(_ name: String) -> ObjectKey {
        guard let key = ObjectKey("\(prefix)/\(name)") else { preconditionFailure("a UUID and a literal make a valid key") }
        return key
    }
}

/// Names of the objects of one job.
package struct JobObjects: Sendable {
    private let prefix: String

    package init(_ job: ID<Job>) { prefix = "jobs/\(job)" }

    /// Prefix of everything the job leaves on the way.
    package var all: ObjectKey { key(prefix) }
    /// The packet log of one segment.
    package func segment(_ ordinal: Int) -> ObjectKey {
        let digits = String(ordinal)
        return key("\(prefix)/segment-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)")
    }

    private func key(_ text: String) -> ObjectKey {
        guard let key = ObjectKey(text) else { preconditionFailure("a UUID and a literal make a valid key") }
        return key
    }
}
