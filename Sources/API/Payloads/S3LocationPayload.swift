import Credentials
import Domain
import S3
import Store

extension S3LocationRecord {
    /// The contract's `S3InputLocation` and `S3OutputLocation`: keys are shown by their last three characters only.
    ///
    /// Throws when the keys were sealed under another master key.
    func json(_ box: SecretBox) throws -> JSON {
        let credentials = try S3Credentials(sealed: sealedCredentials, by: box)
        return .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "name": .string(name),
            "bucket": .string(bucket), "accessKeyHidden": .string(Self.hidden(credentials.accessKey)),
            "secretAccessKeyHidden": .string(Self.hidden(credentials.secretAccessKey)),
        ])
    }

    /// Of a key of up to six characters nothing is shown: three would be half of it.
    private static func hidden(_ key: String) -> String {
        let shown = key.count > 6 ? key.suffix(3) : ""
        return String(repeating: "*", count: key.count - shown.count) + shown
    }
}
