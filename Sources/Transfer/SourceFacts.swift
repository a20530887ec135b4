import HTTP

/// What a source says about itself. Two equal ones are the same content, as far as HTTP can tell.
package struct SourceFacts: Hashable, Sendable, Codable {
    /// In bytes, at least 1.
    package let size: Int
    /// As sent, with quotes.
    package let entityTag: String?
    package let lastModified: String?
    package let contentType: String?

    package init(size: Int, entityTag: String? = nil, lastModified: String? = nil, contentType: String? = nil) {
        self.size = size
        self.entityTag = entityTag
        self.lastModified = lastModified
        self.contentType = contentType
    }

    /// Reads the answer to a request for `range`.
    init(_ response: ClientResponse, for range: ByteRange) throws(TransferError) {
        switch response.status.code {
        case 206: break
        case 200: throw response.headers[.contentLength] == "0" ? .noContent : .notPartial
        case 204: throw .noContent
        case 416:
            // No byte at position 0: the source is empty. Otherwise it became shorter than what is asked for.
            throw range.offset == 0 && response.headers[.contentRange]?.hasSuffix("/0") != false
                ? .noContent : .unexpectedContentRange(response.headers[.contentRange] ?? "none")
        default: throw .unexpectedStatus(response.status)
        }
        guard let field = response.headers[.contentRange] else { throw .invalidContentRange(nil) }
        guard let content = ContentRange(field) else { throw .invalidContentRange(field) }
        guard content.first == range.offset, content.last == min(range.offset + range.length, content.size) - 1 else {
            throw .unexpectedContentRange(field)
        }
        self.init(
            size: content.size, entityTag: response.headers[.etag], lastModified: response.headers[.lastModified],
            contentType: response.headers[.contentType])
    }

    /// Whether both describe the same content: what either leaves out is no contradiction.
    func describesSameContent(as other: SourceFacts) -> Bool {
        func agree(_ a: String?, _ b: String?) -> Bool { a == nil || b == nil || a == b }
        return size == other.size && agree(entityTag, other.entityTag) && agree(lastModified, other.lastModified)
    }

    /// Refuses types that are certainly no video; unknown and generic ones pass, the file itself is examined later.
    func checkContentType() throws(TransferError) {
        guard let contentType else { return }
        let type = contentType.prefix(while: { $0 != ";" }).lowercased().filter { $0 != " " && $0 != "\t" }
        let parts = type.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw .malformedContentType(contentType) }
        let isDocument = ["text/html", "text/css", "text/javascript", "application/json", "application/xml", "application/xhtml+xml"]
        guard !isDocument.contains(type), parts[0] != "image", parts[0] != "font" else { throw .unsupportedContentType(contentType) }
    }
}

/// The value of a `Content-Range` field with a known size: `bytes 0-9/100` (RFC 9110 §14.4).
struct ContentRange: Equatable {
    let first: Int
    let last: Int
    let size: Int

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let size = Self.number(parts[1]) else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last, last < size else {
            return nil
        }
        (self.first, self.last, self.size) = (first, last, size)
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int(text)
    }
}
