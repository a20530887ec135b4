import Crypto
import CryptoExtras
import FoundationEssentials

/// A password as it is kept: scrypt (RFC 7914) over a random salt, in the PHC text form
/// `$scrypt$ln=15,r=8,p=3$SALT$HASH`, base64 without padding.
package struct PasswordHash: Hashable, Sendable {
    /// The work of one derivation. Memory: 128 · 2^log2Rounds · blockSize bytes.
    package struct Cost: Hashable, Sendable {
        package let log2Rounds: Int
        package let blockSize: Int
        package let parallelism: Int

        /// 32 MiB, three passes: the OWASP Password Storage Cheat Sheet's setting for small memory.
        package static let standard = Cost(log2Rounds: 15, blockSize: 8, parallelism: 3)
        /// A few milliseconds; for tests, whose passwords guard nothing.
        package static let cheap = Cost(log2Rounds: 10, blockSize: 8, parallelism: 1)

        var isAcceptable: Bool { (4...20).contains(log2Rounds) && (1...32).contains(blockSize) && (1...16).contains(parallelism) }
    }

    private let cost: Cost
    private let salt: [UInt8]
    private let hash: [UInt8]

    /// Hashes a password under a fresh random salt. Takes tenths of a second at the standard cost: not for an event loop.
    package static func make(_ password: String, cost: Cost = .standard) throws(CredentialError) -> PasswordHash {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        return PasswordHash(cost: cost, salt: salt, hash: try derive(password, salt: salt, cost: cost))
    }

    private init(cost: Cost, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    /// Reads the kept form; nil when it is not one, or asks for more work than any hash of ours.
    package init?(_ encoded: String) {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        let parameters = parts[2].split(separator: ",")
        guard parameters.count == 3, let rounds = Self.number(parameters[0], "ln="), let block = Self.number(parameters[1], "r="),
            let parallel = Self.number(parameters[2], "p="), let salt = Self.bytes(parts[3]), let hash = Self.bytes(parts[4]),
            salt.count >= 8, hash.count == 32
        else { return nil }
        let cost = Cost(log2Rounds: rounds, blockSize: block, parallelism: parallel)
        guard cost.isAcceptable else { return nil }
        self.init(cost: cost, salt: salt, hash: hash)
    }

    /// Whether this is the hash of `password`. As slow as making one; the comparison takes constant time.
    package func matches(_ password: String) -> Bool {
        guard let derived = try? Self.derive(password, salt: salt, cost: cost) else { return false }
        return equalInConstantTime(derived, hash)
    }

    /// The text to keep.
    package var encoded: String {
        "$scrypt$ln=\(cost.log2Rounds),r=\(cost.blockSize),p=\(cost.parallelism)$\(Self.text(salt))$\(Self.text(hash))"
    }

    private static func derive(_ password: String, salt: [UInt8], cost: Cost) throws(CredentialError) -> [UInt8] {
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.log2Rounds, blockSize: cost.blockSize,
                parallelism: cost.parallelism)
            return key.withUnsafeBytes { Array($0) }
        } catch {
            throw .derivationFailed("\(error)")
        }
    }

    private static func number(_ text: Substring, _ prefix: String) -> Int? {
        text.hasPrefix(prefix) ? Int(text.dropFirst(prefix.count)) : nil
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { Array($0) }
    }
}
