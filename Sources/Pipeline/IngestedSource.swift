package import Domain
import Foundation
package import Media
package import ObjectStorage
import Primitives

/// What ingestion found out about a file, kept beside it so that planning a job reads two small objects and never the file.
package struct IngestedSource: Sendable {
    package let description: MediaDescription
    package let index: FrameIndex

    package init(description: MediaDescription, index: FrameIndex) {
        self.description = description
        self.index = index
    }

    /// Reads a file's facts. Blocks: call it on a lane.
    package static func examine(_ path: String, context: MediaContext, progress: (Double) -> Void = { _ in }) throws -> IngestedSource {
        var description = try MediaProbe.describe(path, context: context)
        let index = try FrameIndex.scan(path, context: context, progress: progress)
        description.video.parts = try VideoPart.find(in: path, first: description.video, index: index, context: context)
        return IngestedSource(description: description, index: index)
    }

    /// The source as a job sees it that begins at a position: by the first picture of the part that the position stands in.
    ///
    /// - Parameter milliseconds: behind the first frame; nil for that.
    package func beginning(atMilliseconds milliseconds: Int?) -> IngestedSource {
        guard let parts = description.video.parts, let milliseconds else { return self }
        let frame = index.frames(fromMilliseconds: Int64(milliseconds), toMilliseconds: nil).start
        guard let part = parts.last(where: { $0.firstFrame <= frame }) else { return self }
        var found = description
        found.video = part.video
        found.video.parts = parts
        return IngestedSource(description: found, index: index)
    }

    /// The source by the word of its first picture, whatever comes behind.
    var byFirstPicture: IngestedSource {
        var found = description
        found.video.parts = nil
        return IngestedSource(description: found, index: index)
    }

    package func save(in store: FileObjectStore, for objects: VideoObjects) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try store.put([UInt8](encoder.encode(description)), at: objects.description)
        try store.put(index.serialized(), at: objects.frameIndex)
    }

    /// Blocks: call it on a lane.
    package static func load(from store: FileObjectStore, for objects: VideoObjects) throws -> IngestedSource {
        let description = try store.contents(of: objects.description)
        let index = try store.contents(of: objects.frameIndex)
        return IngestedSource(
            description: try JSONDecoder().decode(MediaDescription.self, from: Data(description)),
            index: try FrameIndex(serialized: index))
    }
}

extension FileObjectStore {
    /// A whole small object.
    fileprivate func contents(of key: ObjectKey) throws -> [UInt8] {
        guard let size = try size(of: key) else { throw ObjectStorageError.notFound(key) }
        return try read(key, at: 0, count: Int(size))
    }
}
