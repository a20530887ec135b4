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

    /// H.264 with AAC in MP4, for browsers.
    package var webVideo: ObjectKey { key(Self.webVideoName) }
    /// JPEG pictures, counted from 0.
    package func thumbnail(_ ordinal: Int) -> ObjectKey { key(Self.thumbnailName(ordinal)) }
    package func fullFrame(_ ordinal: Int) -> ObjectKey { key(Self.fullFrameName(ordinal)) }
    /// What a full ingestion found and made, JSON.
    package var products: ObjectKey { key("products.json") }

    package static let webVideoName = "web.mp4"
    package static let webVideoType = "video/mp4"
    package static func thumbnailName(_ ordinal: Int) -> String { "thumbnail-\(ordinal).jpg" }
    package static func fullFrameName(_ ordinal: Int) -> String { "frame-\(ordinal).jpg" }

    /// The object with one of these names; nil for any other name.
    package func media(_ name: String) -> ObjectKey? {
        let isStill = name.hasSuffix(".jpg") && (name.hasPrefix("thumbnail-") || name.hasPrefix("frame-"))
        guard name == Self.webVideoName || isStill else { return nil }
        return ObjectKey("\(prefix)/\(name)")
    }

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
    /// The packet log of one segment. Its id is in the name: a job that was begun anew has other segments, and what a worker of
    /// the first beginning still writes must not replace theirs.
    package func segment(_ ordinal: Int, _ id: ID<Segment>) -> ObjectKey {
        let digits = String(ordinal)
        return key("\(prefix)/segment-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)-\(id)")
    }

    private func key(_ text: String) -> ObjectKey {
        guard let key = ObjectKey(text) else { preconditionFailure("a UUID and a literal make a valid key") }
        return key
    }
}
