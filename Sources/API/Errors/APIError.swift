package import Domain
package import HTTP

/// An error as the client sees it: the contract's `Error`, before it knows its request.
package struct APIError: Error, Sendable {
    package let status: HTTPStatus
    /// The code's text; one of `ErrorCode` where that has it.
    package let code: String
    /// One or two sentences: what was wrong, and what is allowed.
    package let message: String
    /// Every member that was wrong.
    package var problems: [Problem] = []
    /// Facts a program can use.
    package var details: JSON?
    /// Further header fields of the answer.
    package var headers: HeaderFields = [:]

    package init(_ status: HTTPStatus, _ code: ErrorCode, _ message: String, details: JSON? = nil, headers: HeaderFields = [:]) {
        self.init(status, code: code.rawValue, message, details: details, headers: headers)
    }

    init(_ status: HTTPStatus, code: String, _ message: String, details: JSON? = nil, headers: HeaderFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers
    }

    /// 400 with all problems. When they share a code of their own, that is the answer's, else `VALIDATION_ERROR`.
    package init(_ failure: ValidationFailure) {
        let codes = Set(failure.problems.map { ErrorCode($0.kind) })
        let code = codes.count == 1 ? codes.first ?? .validationError : .validationError
        self.init(.badRequest, code, Self.message(failure.problems))
        problems = failure.problems
    }

    private static func message(_ problems: [Problem]) -> String {
        guard problems.count == 1, let problem = problems.first else {
            return "The request has \(problems.count) problems; each is listed."
        }
        let field = problem.field.isEmpty ? "The body" : problem.field
        // What is wrong with an address is told in whole sentences.
        return "\(field) \(problem.message)" + (problem.message.hasSuffix(".") ? "" : ".")
    }

    /// The contract's `Error`.
    func body(requestID: String, path: String, timestamp: JSON) -> JSON {
        .members([
            "timestamp": timestamp,
            "requestId": .string(requestID),
            "requestPath": .string(path),
            "errorCode": .string(code),
            "errorCodeEnum": ErrorCode(rawValue: code).map { .string($0.rawValue) },
            "message": .string(message),
            "statusCode": .integer(Int64(status.code)),
            "validationErrors": problems.isEmpty ? nil : .array(problems.map(\.json)),
            "errorDetails": details,
        ])
    }
}

extension Problem: JSONRepresentable {
    /// The contract's `ValidationError`.
    package var json: JSON {
        .members(["field": .string(field), "value": actual.map { .string($0) }, "message": .string(message)])
    }
}
