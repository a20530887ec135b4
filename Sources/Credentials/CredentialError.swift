/// Why a credential could not be made, read or opened.
package enum CredentialError: Error, Hashable, Sendable {
    /// A key must have exactly 32 bytes.
    case wrongKeyLength(Int)
    /// Sealed bytes that another key, another context or a changed byte would yield.
    case notAuthentic
    /// The master key's text is neither base64 nor hexadecimal of 32 bytes.
    case malformedMasterKey
    /// The key file cannot be used.
    case keyFile(path: String, reason: String)
    /// The key derivation refused its parameters or ran out of memory.
    case derivationFailed(String)
}
