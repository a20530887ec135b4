package import Domain
package import Postgres
package import Primitives

/// An export to be started.
package struct NewExport: Hashable, Sendable {
    package var video: ID<Video>
    package var bucket: String
    /// 1–1024 bytes.
    package var objectKey: String
    /// Both access keys, encrypted.
    package var sealedCredentials: [UInt8]
    /// Where the keys were taken from.
    package var location: ID<S3Location>?
    /// Bytes of every part but the last.
    package var partBytes: Int

    package init(
        video: ID<Video>, bucket: String, objectKey: String, sealedCredentials: [UInt8], location: ID<S3Location>? = nil, partBytes: Int
    ) {
        self.video = video
        self.bucket = bucket
        self.objectKey = objectKey
        self.sealedCredentials = sealedCredentials
        self.location = location
        self.partBytes = partBytes
    }
}

/// An export for whoever carries it out.
package struct ExportRecord: Hashable, RowDecodable {
    /// Lies with the object as a note.
    package let id: ID<Export>
    package let video: ID<Video>
    package let bucket: String
    package let objectKey: String
    /// Both access keys, encrypted.
    package let sealedCredentials: [UInt8]
    /// Bytes of every part but the last.
    package let partBytes: Int
    /// Nil until the upload has begun.
    package let upload: String?
    /// What is exported; nil when it is gone.
    package let file: StoredFile?

    static let columns: SQL = """
        e.id, e.video_id, e.bucket, e.object_key, e.sealed_credentials, e.part_bytes, e.upload_id, \(FileColumns.columns("v"))
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        video = try row.next()
        bucket = try row.next()
        objectKey = try row.next()
        sealedCredentials = try row.next(Bytea.self).bytes
        partBytes = try row.next()
        upload = try row.next()
        file = try FileColumns(row: &row).stored
    }
}

/// A part of an export that the bucket has taken.
package struct ExportedPart: Hashable, RowDecodable {
    /// From 1.
    package let number: Int
    /// As the bucket gave it, with quotes.
    package let entityTag: String

    package init(number: Int, entityTag: String) {
        self.number = number
        self.entityTag = entityTag
    }

    package init(row: inout Row) throws(PostgresError) {
        number = try row.next()
        entityTag = try row.next()
    }
}
