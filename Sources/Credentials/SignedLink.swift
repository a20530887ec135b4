import Crypto

/// Makes and checks the signature of a time-limited link: HMAC-SHA256 over method, object and expiry, so that a link
/// opens one object, in one way, until one second.
package struct SignedLink: Sendable {
    private let key: SymmetricKey

    package init(masterKey: MasterKey) { key = masterKey.derived(for: "signed-link") }

    /// The signature in lower-case hexadecimal, 64 characters.
    ///
    /// - Parameters:
    ///   - object: what the link opens, such as a video's id; must not contain line feeds.
    ///   - expiry: Unix seconds; the link is dead from this second on.
    package func signature(method: String, object: String, expiry: Int) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Self.signed(method, object, expiry), using: key)
        let digits = Array("0123456789abcdef")
        return String(code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] })
    }

    /// Whether `signature` is right, in constant time, and `now` (Unix seconds) is before the expiry.
    package func isValid(signature: String, method: String, object: String, expiry: Int, now: Int) -> Bool {
        let expected = self.signature(method: method, object: object, expiry: expiry)
        return equalInConstantTime(signature.utf8, expected.utf8) && now < expiry
    }

    private static func signed(_ method: String, _ object: String, _ expiry: Int) -> [UInt8] {
        Array("\(method)\n\(object)\n\(expiry)".utf8)
    }
}
