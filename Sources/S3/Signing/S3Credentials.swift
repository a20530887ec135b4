/// A pair of access keys, as a storage service hands them out.
package struct S3Credentials: Hashable, Sendable, Codable {
    package let accessKey: String
    package let secretAccessKey: String

    package init(accessKey: String, secretAccessKey: String) {
        self.accessKey = accessKey
        self.secretAccessKey = secretAccessKey
    }
}
