import CCurl
import Glibc

/// Whom outgoing TLS connections trust.
package enum CertificateAuthorities: Sendable {
    /// The roots of the system.
    case system
    /// The roots of the system and those of a PEM file.
    case systemAnd(path: String)

    /// PEM text of all roots; nil when libcurl's own default does.
    func bundle() throws(HTTPClientError) -> [UInt8]? {
        switch self {
        case .system: return nil
        case .systemAnd(let path):
            var bundle = Self.contents(of: path) ?? []
            guard !bundle.isEmpty else { throw .unavailable("\(path) holds no certificates") }
            if let roots = rm_curl_system_roots(), let system = Self.contents(of: String(cString: roots)) {
                bundle += [UInt8(ascii: "\n")] + system
            }
            return bundle
        }
    }

    private static func contents(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return ferror(file) == 0 ? bytes : nil
    }
}
