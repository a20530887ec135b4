import Credentials
import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store
import Synchronization

/// Sends one attempt of one delivery, and says what came of it.
struct WebhookSender: Sendable {
    /// What came of one attempt.
    struct Outcome: Sendable {
        /// The contract's `WebhookEndpointResponse`.
        var entry: JSON
        var isDelivered: Bool
        /// Whether the receiver answered, whatever it said; nil when it was sent nothing.
        var isAnswered: Bool?
        /// When the receiver asks to be tried again.
        var retryAt: Date?
    }

    /// What an attempt may take, from connecting to the end of the answer.
    static let timeout = Duration.seconds(10)
    /// Of an attempt that was not sent, because the webhook's own rate limit left no turn.
    static let heldBackCode = "WEBHOOK_RATE_LIMIT_EXCEEDED"
    /// Characters kept of a body and of a header field.
    private static let bodyCharacters = 100
    private static let headerCharacters = 50
    /// Fields worth keeping of a failed attempt.
    private static let keptHeaders: [(name: HeaderName, text: String)] = [
        (.retryAfter, "Retry-After"), ("X-RateLimit-Retry-After", "X-RateLimit-Retry-After"), (.contentType, "Content-Type"),
        (.location, "Location"), ("Server", "Server"), ("X-Request-Id", "X-Request-Id"),
    ]

    let client: HTTPClient
    let policy: OutgoingURLPolicy
    let clock: @Sendable () -> Date

    /// One POST of the body, signed anew. Redirects are answers like any other, so they fail.
    func send(_ body: [UInt8], to url: String, signedWith key: (id: ID<SigningKey>, key: WebhookSigningKey)) async -> Outcome {
        let began = clock()
        let timestamp = Int(began.timeIntervalSince1970.rounded(.down))
        let start = ContinuousClock.now
        let kept = ResponseStart(limit: Self.bodyCharacters * 4)
        do {
            var request = ClientRequest(
                .post, url, policy: policy,
                headers: [
                    .contentType: "application/json", .userAgent: "remaster-webhooks/1",
                    "X-Pixop-Signature": try key.key.signature(timestamp: timestamp, body: body),
                    "X-Pixop-Public-Key-Id": key.id.description, "X-Pixop-Timestamp": "\(timestamp)",
                    "X-Pixop-Algorithm": "SHA256withECDSA",
                ], body: body)
            request.connectTimeout = Self.timeout
            request.idleTimeout = Self.timeout
            request.totalTimeout = Self.timeout
            let response = try await client.stream(request, to: ResponseReceiver(onBytes: { kept.append($0) }))
            return outcome(of: response, body: kept.text(Self.bodyCharacters), began: began, took: start.duration(to: .now))
        } catch {
            return failure(error, began: began, took: start.duration(to: .now))
        }
    }

    /// The entry of an attempt that was not made.
    func notSent(code: String, _ message: String, statusCode: Int) -> Outcome {
        Outcome(
            entry: .members([
                "requestedAt": .timestamp(clock()), "responseTimeMillis": .integer(0), "statusCode": .integer(Int64(statusCode)),
                "errorCode": .string(code), "errorMessage": .string(message),
            ]), isDelivered: false)
    }

    private func outcome(of response: ClientResponse, body: String, began: Date, took: Duration) -> Outcome {
        let status = response.status.code
        let isDelivered = (200..<300).contains(status)
        let retryAt = status == 429 || status == 503 ? RetryAfter.date(response.headers, now: clock()) : nil
        var fields = JSONObject()
        for (name, text) in Self.keptHeaders {
            if let value = response.headers[name] { fields[text] = .string(value.start(Self.headerCharacters)) }
        }
        let message =
            (300..<400).contains(status)
            ? "The endpoint answered \(status): redirects are not followed." : "The endpoint answered \(status)."
        return Outcome(
            entry: .members([
                "requestedAt": .timestamp(began), "responseTimeMillis": .integer(took.milliseconds),
                "statusCode": .integer(Int64(status)), "responseBody": body.isEmpty ? nil : .string(body),
                "errorCode": isDelivered ? nil : .string("HTTP_STATUS"), "errorMessage": isDelivered ? nil : .string(message),
                "responseRetryAt": retryAt.map { .timestamp($0) },
                "responseHeaders": isDelivered || fields.count == 0 ? nil : .object(fields),
            ]), isDelivered: isDelivered, isAnswered: true, retryAt: retryAt)
    }

    /// No answer: the status is 0, and the code says why.
    private func failure(_ error: any Error, began: Date, took: Duration) -> Outcome {
        let (code, message) = Self.reason(error)
        return Outcome(
            entry: .members([
                "requestedAt": .timestamp(began), "responseTimeMillis": .integer(took.milliseconds), "statusCode": .integer(0),
                "errorCode": .string(code), "errorMessage": .string(message),
            ]), isDelivered: false, isAnswered: Self.isAnswer(error))
    }

    /// What the failure of a request says of the receiver: an answer that cannot be read is one, and a request that was never made says
    /// nothing.
    private static func isAnswer(_ error: any Error) -> Bool? {
        guard let error = error as? HTTPClientError else { return nil }
        return switch error {
        case .unresolvable, .cannotConnect, .tls, .timedOut, .interrupted: false
        case .responseTooLarge, .malformedResponse, .tooManyRedirects: true
        case .refused, .cancelled, .stopped, .unavailable: nil
        }
    }

    private static func reason(_ error: any Error) -> (code: String, message: String) {
        guard let error = error as? HTTPClientError else { return ("DELIVERY_FAILED", "The delivery could not be made.") }
        let code =
            switch error {
            case .refused: "URL_REFUSED"
            case .unresolvable: "HOST_NOT_FOUND"
            case .cannotConnect: "CONNECTION_FAILED"
            case .tls: "TLS_FAILED"
            case .timedOut: "TIMEOUT"
            case .interrupted: "CONNECTION_LOST"
            case .responseTooLarge, .malformedResponse, .tooManyRedirects: "MALFORMED_RESPONSE"
            case .cancelled, .stopped, .unavailable: "DELIVERY_FAILED"
            }
        return (code, error.message)
    }
}

/// The first bytes of an answer; the rest is read and dropped.
private final class ResponseStart: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func append(_ span: RawSpan) {
        bytes.withLock { bytes in
            for index in 0..<min(span.byteCount, limit - bytes.count) { bytes.append(span.unsafeLoadByte(index)) }
        }
    }

    /// At most `count` characters; what is not UTF-8 is repaired, and NUL, which no database text holds, left out.
    func text(_ count: Int) -> String {
        String(decoding: bytes.withLock { $0 }, as: UTF8.self).replacing("\0", with: "").start(count)
    }
}

extension String {
    /// The first code points: what a reader takes for one character may be many of them.
    fileprivate func start(_ count: Int) -> String { String(UnicodeScalarView(unicodeScalars.prefix(count))) }
}

extension RawSpan {
    /// One byte; the bounds are checked by the span.
    fileprivate func unsafeLoadByte(_ index: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
