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
        IngestedSource(
            description: try MediaProbe.describe(path, context: context),
            index: try FrameIndex.scan(path, context: context, progress: progress))
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
