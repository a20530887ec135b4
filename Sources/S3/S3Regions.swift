import Synchronization

/// What is known of the regions of buckets; names of buckets mean the same for everyone.
final class S3Regions: Sendable {
    /// More than any installation uses; then the memory begins anew.
    private static let limit = 10_000
    private let known = Mutex<[String: String]>([:])

    subscript(bucket: String) -> String? { known.withLock { $0[bucket] } }

    func learn(_ region: String, of bucket: String) {
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[bucket] = region
        }
    }

    /// A region's name becomes part of a host's name: letters, digits and hyphens, at most 32.
    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-") }
            && !text.hasPrefix("-") && !text.hasSuffix("-")
    }
}
