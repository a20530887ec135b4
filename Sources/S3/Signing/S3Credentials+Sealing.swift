package import Credentials
import FoundationEssentials

/// The one form in which access keys are stored, wherever: sealed bytes can be copied from a location to what uses it.
extension S3Credentials {
    private static let context = "s3-credentials"

    /// Both keys, encrypted.
    package func sealed(by box: SecretBox) throws -> [UInt8] {
        try box.seal(Array(try JSONEncoder().encode(self)), context: Self.context)
    }

    /// Throws for bytes that were not sealed here under the same master key.
    package init(sealed: [UInt8], by box: SecretBox) throws {
        self = try JSONDecoder().decode(S3Credentials.self, from: Data(try box.open(sealed, context: Self.context)))
    }
}
