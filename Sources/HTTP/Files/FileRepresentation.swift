/// One file as the content of a resource: conditional and range requests, sent without copying.
package struct FileRepresentation: Sendable {
    private let file: OpenFile
    private let contentType: String
    private let entityTag: String
    private let headers: HeaderFields

    /// - Parameters:
    ///   - entityTag: opaque tag without quotes; by default made of the file's identity, size and time of modification.
    ///   - headers: more fields for every 200, 206 and 304: `Content-Disposition`, `Cache-Control`.
    package init(file: OpenFile, contentType: String, entityTag: String? = nil, headers: HeaderFields = [:]) {
        self.file = file
        self.contentType = contentType
        self.entityTag = "\"" + (entityTag ?? file.fingerprint).filter { $0 != "\"" && $0.isASCII } + "\""
        self.headers = headers
    }

    /// Answers GET (and HEAD, whose content the server leaves out): 200, 206, 304, 412 or 416.
    package func response(to request: HTTPRequest) -> HTTPResponse {
        let conditions = Preconditions(entityTag: entityTag, modifiedSeconds: file.modifiedSeconds)
        var fields = headers
        fields[.etag] = entityTag
        fields[.lastModified] = HTTPDate.text(file.modifiedSeconds)
        fields[.acceptRanges] = "bytes"
        switch conditions.verdict(request.headers) {
        case .notModified: return HTTPResponse(.notModified, headers: fields)
        case .failed: return HTTPResponse(.preconditionFailed, headers: fields)
        case .proceed: break
        }
        // Range is defined for GET; a HEAD is answered as the whole.
        let asks = request.method == .get && conditions.allowsRange(request.headers)
        switch asks ? RangeRequest(request.headers[.range], size: file.size) : .whole {
        case .whole:
            fields[.contentType] = contentType
            return HTTPResponse(.ok, headers: fields, body: .parts([.file(file, offset: 0, length: file.size)]))
        case .unsatisfiable:
            fields[.contentRange] = "bytes */\(file.size)"
            return HTTPResponse(.rangeNotSatisfiable, headers: fields)
        case .ranges(let ranges) where ranges.count == 1:
            fields[.contentType] = contentType
            fields[.contentRange] = contentRange(ranges[0])
            return HTTPResponse(
                .partialContent, headers: fields, body: .parts([.file(file, offset: ranges[0].offset, length: ranges[0].length)]))
        case .ranges(let ranges):
            // The request's id is unguessable, so no content can hold the boundary on purpose.
            let boundary = "part-\(request.id)"
            fields[.contentType] = "multipart/byteranges; boundary=\(boundary)"
            return HTTPResponse(.partialContent, headers: fields, body: .parts(multipart(ranges, boundary: boundary)))
        }
    }

    private func multipart(_ ranges: [ByteRange], boundary: String) -> [BodyPart] {
        var parts: [BodyPart] = []
        for (index, range) in ranges.enumerated() {
            let head =
                (index == 0 ? "" : "\r\n") + "--\(boundary)\r\nContent-Type: \(contentType)\r\n"
                + "Content-Range: \(contentRange(range))\r\n\r\n"
            parts.append(.bytes(Array(head.utf8)))
            parts.append(.file(file, offset: range.offset, length: range.length))
        }
        parts.append(.bytes(Array("\r\n--\(boundary)--\r\n".utf8)))
        return parts
    }

    private func contentRange(_ range: ByteRange) -> String {
        "bytes \(range.offset)-\(range.offset + range.length - 1)/\(file.size)"
    }
}
