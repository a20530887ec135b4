import Domain
import HTTP

extension HTTPRequest {
    /// The body as JSON; nil when it is empty, whatever its content type, or `null`. Throws 400 for anything that is not JSON.
    func optionalJSON() throws(APIError) -> JSON? {
        let bytes = body.bytes
        guard !bytes.isEmpty else { return nil }
        try refuseContentCoding()
        do {
            let json = try JSON(parsing: bytes)
            return json == .null ? nil : json
        } catch {
            throw APIError(
                .badRequest, .invalidRequestBody, "The body is not JSON: \(error.reason), at byte \(error.byteOffset).",
                details: .members(["byteOffset": .integer(Int64(error.byteOffset))]))
        }
    }

    /// The body as JSON. Throws 400 when it is empty, `null` or not JSON.
    func requiredJSON() throws(APIError) -> JSON {
        guard let json = try optionalJSON() else {
            throw APIError(.badRequest, .missingRequestBody, "The request needs a JSON body.")
        }
        return json
    }

    /// Throws 400 for content that asks for something where the operation takes none: it would silently not be done. `null` and an
    /// object without members ask for nothing.
    func refuseContent() throws(APIError) {
        switch try optionalJSON() {
        case nil: return
        case .object(let members)? where members.names.isEmpty: return
        default: throw APIError(.badRequest, .invalidRequestBody, "This operation takes no body.")
        }
    }

    /// Throws 400 for content that was compressed on its way: nothing here undoes that.
    func refuseContentCoding() throws(APIError) {
        guard let coding = headers["Content-Encoding"], coding.lowercased() != "identity" else { return }
        throw APIError(
            .badRequest, .invalidRequestBody, "The Content-Encoding '\(coding)' is not supported; send the body as it is.",
            headers: ["Accept-Encoding": "identity"])
    }

    /// Reads an operation's query: all problems are thrown at once.
    func reading<Value>(known: [String], _ body: (QueryReader) throws -> Value) throws -> Value {
        let problems = ProblemCollector()
        let value = try body(QueryReader(self, known: known, problems: problems))
        try problems.check()
        return value
    }

    /// Refuses every query parameter, for operations that have none.
    func readingNothing() throws { try reading(known: []) { _ in } }
}

extension HTTPResponse {
    /// An answer with a JSON body.
    static func json(_ status: HTTPStatus, _ json: JSON) -> HTTPResponse {
        HTTPResponse(status, contentType: "application/json", bytes: json.utf8)
    }

    static var empty: HTTPResponse { HTTPResponse(.noContent) }
}
