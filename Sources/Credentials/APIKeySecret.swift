import Crypto

/// The secret text of an API key, as its user sends it. Only its hash is ever kept.
package struct APIKeySecret: Hashable, Sendable {
    package let text: String

    /// A fresh key: `rmk_` and 43 characters of 62, 256 bits from the system's generator.
    package static func generate() -> APIKeySecret {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var generator = SystemRandomNumberGenerator()
        let characters = (0..<43).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return APIKeySecret("rmk_" + String(characters))
    }

    /// What a request carried; may be no key at all.
    package init(_ text: String) { self.text = text }

    /// SHA-256 of the text. Fast on purpose: a key has 256 random bits, so it cannot be guessed from its hash.
    package var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// The text masked but for its last three characters.
    package var hidden: String {
        let shown = text.suffix(3)
        return String(repeating: "*", count: text.count - shown.count) + shown
    }
}
