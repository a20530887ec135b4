import Crypto
import FoundationEssentials

/// The private key webhook deliveries are signed with: ECDSA on P-256 over SHA-256.
package struct WebhookSigningKey: Sendable {
    private let key: P256.Signing.PrivateKey

    /// A fresh key.
    package static func generate() -> WebhookSigningKey { WebhookSigningKey(key: P256.Signing.PrivateKey()) }

    private init(key: P256.Signing.PrivateKey) { self.key = key }

    /// Reads what `rawRepresentation` gave.
    package init(rawRepresentation: [UInt8]) throws(CredentialError) {
        do { key = try P256.Signing.PrivateKey(rawRepresentation: rawRepresentation) } catch {
            throw .wrongKeyLength(rawRepresentation.count)
        }
    }

    /// The private scalar, 32 bytes: to be sealed before it is kept.
    package var rawRepresentation: [UInt8] { Array(key.rawRepresentation) }

    /// The public half as base64 of its X.509 SubjectPublicKeyInfo, in one line.
    package var publicKey: String { key.publicKey.derRepresentation.base64EncodedString() }

    /// Signs the UTF-8 of the timestamp (Unix seconds), a dot and the body.
    ///
    /// - Returns: the ASN.1 DER signature in standard base64, one line.
    package func signature(timestamp: Int, body: [UInt8]) throws(CredentialError) -> String {
        do {
            return try key.signature(for: Array("\(timestamp).".utf8) + body).derRepresentation.base64EncodedString()
        } catch {
            throw .derivationFailed("ECDSA refused to sign: \(error)")
        }
    }
}
