package import HTTP

/// The parts of a request that a signature covers.
package struct SignableRequest: Sendable {
    package var method: HTTPMethod
    /// Decoded, from the first slash on.
    package var path: String
    /// Decoded, in any order.
    package var query: [QueryItem]
    /// All of them are signed; `host` and `x-amz-date` must be among them.
    package var headers: HeaderFields
    /// SHA-256 of the body in lower-case hexadecimal, or `UNSIGNED-PAYLOAD`.
    package var payloadHash: String

    package init(_ method: HTTPMethod, path: String, query: [QueryItem] = [], headers: HeaderFields, payloadHash: String) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.payloadHash = payloadHash
    }

    /// The query as it is signed and sent: encoded, sorted by name and value, a bare name with an empty value.
    package var canonicalQuery: String {
        query.map { (URIEncoding.query($0.name), URIEncoding.query($0.value ?? "")) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// The path as it is signed and sent.
    package var canonicalPath: String { URIEncoding.path(path) }

    /// Lower-case names of the signed header fields, sorted, with `;` between them.
    package var signedHeaders: String { canonicalHeaders.map(\.name).joined(separator: ";") }

    /// The canonical request: method, path, query, header fields, their names, and the payload's hash, one a line.
    package var canonicalText: String {
        let fields = canonicalHeaders
        return """
            \(method)
            \(canonicalPath)
            \(canonicalQuery)
            \(fields.map { "\($0.name):\($0.value)\n" }.joined())
            \(fields.map(\.name).joined(separator: ";"))
            \(payloadHash)
            """
    }

    /// By name, the values of a repeated field joined with commas in their order.
    private var canonicalHeaders: [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for field in headers { values[field.name.description.lowercased(), default: []].append(Self.trimmed(field.value)) }
        return values.map { ($0.key, $0.value.joined(separator: ",")) }.sorted { $0.name < $1.name }
    }

    /// Without spaces at the ends, and with single ones in between.
    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }
}
