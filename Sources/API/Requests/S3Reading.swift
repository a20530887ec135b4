import Domain
import S3

/// What requests say of buckets and objects.
extension ObjectReader {
    /// Members of a bucket with its keys.
    static let bucketMembers = ["bucket", "accessKey", "secretAccessKey"]

    /// The name of a bucket; nil when it is absent.
    func bucketName() -> String? {
        guard let name = text("bucket", length: 3...63) else { return nil }
        guard Self.isBucketName(name) else {
            return refused(
                "bucket", name,
                "must be a DNS name: lower-case letters, digits, hyphens and single dots, a letter or digit at both ends, no IP address")
        }
        return name
    }

    /// An access key or its secret; nil when it is absent. The value itself is never shown.
    func accessKey(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let key) = value, (1...255).contains(key.count) else {
            return refused(name, nil, "must be a string of 1 to 255 characters")
        }
        // What stands in the `Credential` of a signature is separated by these two.
        let separators = name == "accessKey" ? "/," : ""
        guard key.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !separators.utf8.contains($0) }) else {
            return refused(name, nil, "must be printable ASCII without spaces" + (separators.isEmpty ? "" : ", slashes and commas"))
        }
        return key
    }

    /// Bucket and keys, all required; empty texts after problems.
    func bucket() -> (name: String, credentials: S3Credentials) {
        Self.bucketMembers.forEach { require($0) }
        return (
            bucketName() ?? "",
            S3Credentials(accessKey: accessKey("accessKey") ?? "", secretAccessKey: accessKey("secretAccessKey") ?? "")
        )
    }

    /// The key of an object, or its beginning: `length` bytes of UTF-8 without NUL and dot segments, which proxies would resolve.
    func objectKey(_ name: String, bytes length: ClosedRange<Int>) -> String? {
        guard let key = text(name) else { return nil }
        guard length.contains(key.utf8.count), !key.utf8.contains(0) else {
            return refused(
                name, key, "has \(key.utf8.count) bytes; allowed are \(length.lowerBound) to \(length.upperBound), without NUL")
        }
        guard key.split(separator: "/").allSatisfy({ $0 != "." && $0 != ".." }) else {
            return refused(name, key, "must not have '.' or '..' between slashes")
        }
        return key
    }

    private func refused<Value>(_ name: String, _ value: String?, _ message: String) -> Value? {
        problems.add(Problem(field: path(name), actual: value, message))
        return nil
    }

    private static func isBucketName(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isAddress = labels.count == 4 && labels.allSatisfy { $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
        return !isAddress
            && labels.allSatisfy { label in
                guard let first = label.utf8.first, let last = label.utf8.last else { return false }
                return first != 0x2D && last != 0x2D
                    && label.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D }
            }
    }
}
