import Domain
package import FoundationEssentials
package import HTTP
import Logging
import ObjectStorage
import Postgres
import Primitives
package import Telemetry

/// Turns errors into answers in the contract's `Error` shape: those that handlers throw, and those of the protocol.
package struct ErrorRenderer: Sendable {
    private let observer: Observer
    private let clock: @Sendable () -> Date

    package init(observer: Observer, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.observer = observer
        self.clock = clock
    }

    /// The answer to what a handler threw. Anything unknown is a bare 500, and a line in the log under the request's id.
    package func response(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        let facts: Logger.Metadata = [
            "request": "\(request.id)", "method": "\(request.method)", "path": "\(request.path)", "error": "\(error)",
        ]
        if let known = APIError(converting: error) {
            // The answer does not say what the database did.
            if error is PostgresError { observer.logger.warning("the database failed a request", metadata: facts) }
            if error is ObjectStorageError { observer.logger.warning("the storage refused what a request brings", metadata: facts) }
            return render(known, id: request.id.description, path: request.path)
        }
        observer.logger.error("request failed", metadata: facts)
        return render(
            APIError(.internalServerError, .internalServerError, "The request failed for a reason inside the server."),
            id: request.id.description, path: request.path)
    }

    /// The answer to what no handler answered. A malformed request is charged to its sender's address, like one without a key.
    func response(to failure: HTTPFailure, limiter: RateLimiter) -> HTTPResponse {
        guard case .malformed = failure.reason, let address = failure.remoteAddress else { return response(to: failure) }
        let standing = limiter.charge(.address(address))
        var response =
            standing.isExceeded
            ? render(.tooManyRequests(standing), id: failure.requestID.description, path: failure.path ?? "") : response(to: failure)
        standing.apply(to: &response.headers)
        return response
    }

    /// The answer to what no handler answered.
    package func response(to failure: HTTPFailure) -> HTTPResponse {
        if case .handlerFailed(let reason) = failure.reason {
            observer.logger.error("request failed", metadata: ["request": "\(failure.requestID)", "error": "\(reason)"])
        }
        let error = APIError(failure.status, code: Self.code(failure.status), failure.message)
        return render(error, id: failure.requestID.description, path: failure.path ?? "")
    }

    private func render(_ error: APIError, id: String, path: String) -> HTTPResponse {
        let body = error.body(requestID: id, path: path, timestamp: .timestamp(clock()))
        var response = HTTPResponse(error.status, contentType: "application/json", bytes: body.utf8, headers: error.headers)
        response.headers[.requestID] = id
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// Codes of the protocol's own errors; undocumented ones are the reason phrase in capitals.
    static func code(_ status: HTTPStatus) -> String {
        switch status {
        case .badRequest: ErrorCode.badRequest.rawValue
        case .notFound: ErrorCode.notFound.rawValue
        case .internalServerError: ErrorCode.internalServerError.rawValue
        default: String(status.reasonPhrase.uppercased().map { $0.isLetter ? $0 : "_" })
        }
    }
}

extension HeaderName {
    fileprivate static let requestID: HeaderName = "X-Request-Id"
}

/// The middleware behind which handlers throw.
struct ErrorResponses<Context: Sendable>: Middleware {
    typealias Next = Context
    let renderer: ErrorRenderer

    func respond(
        to request: HTTPRequest, context: Context, next: @Sendable (HTTPRequest, Context) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        do {
            var response = try await next(request, context)
            response.headers[.requestID] = request.id.description
            return response
        } catch {
            return renderer.response(to: error, request)
        }
    }
}
