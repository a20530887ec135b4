package import FoundationEssentials
import Postgres
package import Primitives

/// The file of a video, once it lies in storage.
package struct StoredFile: Hashable, Sendable {
    /// The name it is offered under, with extension.
    package var name: String
    /// Bytes.
    package var size: Int64
    /// Media type, such as `video/quicktime`.
    package var mimeType: String
    /// Name of the container, such as `QuickTime / MOV`; empty while nobody has looked.
    package var containerName: String
    /// CRC-32C of all bytes; nil when it was not computed.
    package var crc32c: UInt32?
    package var key: ObjectKey
    package var lastModified: Date

    package init(
        name: String, size: Int64, mimeType: String, containerName: String, crc32c: UInt32?, key: ObjectKey, lastModified: Date
    ) {
        self.name = name
        self.size = size
        self.mimeType = mimeType
        self.containerName = containerName
        self.crc32c = crc32c
        self.key = key
        self.lastModified = lastModified
    }

    /// Assignments for UPDATE videos.
    var assignments: SQL {
        """
        file_name = \(name), file_size = \(size), file_type = \(mimeType), file_container = \(containerName), \
        file_crc32c = \(crc32c), file_key = \(key), file_modified_at = \(lastModified)
        """
    }
}

/// What is known of a file that is still on its way.
package struct AnnouncedFile: Hashable, Sendable {
    package let name: String
    /// Bytes; nil where the source does not say.
    package let size: Int64?
    package let mimeType: String?

    package init(name: String, size: Int64?, mimeType: String?) {
        self.name = name
        self.size = size
        self.mimeType = mimeType
    }
}

/// The columns of a file, in either state.
struct FileColumns: Sendable {
    let stored: StoredFile?
    let announced: AnnouncedFile?

    static func columns(_ alias: String) -> SQL {
        let names = ["name", "size", "type", "container", "crc32c", "key", "modified_at"]
        return "\(unescaped: names.map { "\(alias).file_\($0)" }.joined(separator: ", "))"
    }

    init(row: inout Row) throws(PostgresError) {
        let name: String? = try row.next()
        let size: Int64? = try row.next()
        let type: String? = try row.next()
        let container: String? = try row.next()
        let crc32c: UInt32? = try row.next()
        let key: ObjectKey? = try row.next()
        let modifiedAt: Date? = try row.next()
        announced = name.map { AnnouncedFile(name: $0, size: size, mimeType: type) }
        guard let name, let size, let key else {
            stored = nil
            return
        }
        stored = StoredFile(
            name: name, size: size, mimeType: type ?? "application/octet-stream", containerName: container ?? "", crc32c: crc32c,
            key: key, lastModified: modifiedAt ?? Date(timeIntervalSince1970: 0))
    }
}
