/// How an import is to be copied. What may be secret of its source, a URL or access keys, is kept apart, sealed.
package struct ImportRequest: Hashable, Sendable, Codable {
    /// An object in S3.
    package struct StoredObject: Hashable, Sendable, Codable {
        package let bucket: String
        package let key: String

        package init(bucket: String, key: String) {
            self.bucket = bucket
            self.key = key
        }
    }

    /// The source in S3, whose access keys are sealed; nil for a sealed URL.
    package var object: StoredObject?
    /// The source in the team's part of the import folder, as a path in it; nothing is sealed then.
    package var folderPath: String?
    /// Whether the file was uploaded, and is collected in storage already; then there is no source.
    package var isCollected: Bool?
    /// Checksum the copied file must have; nil when none was given.
    package var crc32c: UInt32?
    /// Connections that copy at once, at least 1.
    package var maximumConnections: Int
    /// Whether a wrong checksum is let pass.
    package var skipChecksumValidation: Bool

    package init(
        object: StoredObject? = nil, folderPath: String? = nil, isCollected: Bool? = nil, crc32c: UInt32? = nil,
        maximumConnections: Int = 10,
        skipChecksumValidation: Bool = false
    ) {
        self.object = object
        self.folderPath = folderPath
        self.isCollected = isCollected
        self.crc32c = crc32c
        self.maximumConnections = maximumConnections
        self.skipChecksumValidation = skipChecksumValidation
    }

    /// The context under which an import's URL is sealed.
    package static let sealContext = "import-url"
}
