import Crypto
import FoundationEssentials

/// Seals secrets that must be read again (S3 keys, source URLs, signing keys) with AES-256-GCM under the master key.
///
/// Sealed form: version 1 (1 byte), nonce (12), ciphertext, tag (16). The context, such as `webhook-signing-key`, is
/// authenticated with it, so that a sealed value moved to another place does not open there.
package struct SecretBox: Sendable {
    private let key: SymmetricKey
    private static let version: UInt8 = 1

    /// - Parameter masterKey: 32 bytes.
    package init(masterKey: [UInt8]) throws(CredentialError) {
        key = try MasterKey(bytes: masterKey).derived(for: "secret-box")
    }

    /// Seals under a fresh random nonce.
    package func seal(_ secret: [UInt8], context: String) throws(CredentialError) -> [UInt8] {
        guard let box = try? AES.GCM.seal(secret, using: key, authenticating: Array(context.utf8)), let combined = box.combined else {
            throw .derivationFailed("AES-GCM refused to seal")
        }
        return [Self.version] + combined
    }

    /// Throws `notAuthentic` for bytes that were not sealed by this key for this context.
    package func open(_ sealed: [UInt8], context: String) throws(CredentialError) -> [UInt8] {
        guard sealed.first == Self.version, let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Array(context.utf8))
        else { throw .notAuthentic }
        return Array(secret)
    }
}
