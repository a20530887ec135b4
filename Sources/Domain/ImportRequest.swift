/// How an import from a URL is to be copied. The URL itself may carry credentials and is kept apart, sealed.
package struct ImportRequest: Hashable, Sendable, Codable {
    /// Checksum the copied file must have; nil when none was given.
    package var crc32c: UInt32?
    /// Connections that copy at once, at least 1.
    package var maximumConnections: Int
    /// Whether a wrong checksum is let pass.
    package var skipChecksumValidation: Bool

    package init(crc32c: UInt32? = nil, maximumConnections: Int = 10, skipChecksumValidation: Bool = false) {
        self.crc32c = crc32c
        self.maximumConnections = maximumConnections
        self.skipChecksumValidation = skipChecksumValidation
    }

    /// The context under which an import's URL is sealed.
    package static let sealContext = "import-url"
}
