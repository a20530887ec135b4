package import HTTP
package import ObjectStorage
package import Primitives

/// Why a copy did not begin, or did not end.
package enum TransferError: Error {
    case refused(URLRefusal)
    /// No response at all.
    case unreachable(HTTPClientError)
    /// The source stayed below what a copy has to gain, for so long.
    case tooSlow(bytesPerSecond: Int, over: Duration)
    /// A response that is neither the content nor a statement about it.
    case unexpectedStatus(HTTPStatus)
    /// The source is empty.
    case noContent
    /// The source answers a range request with the whole.
    case notPartial
    /// `Content-Range` is missing or malformed; nil when missing.
    case invalidContentRange(String?)
    /// Another range than was asked for.
    case unexpectedContentRange(String)
    case malformedContentType(String)
    /// A web page, an image or data: not a video file.
    case unsupportedContentType(String)
    case tooLarge(bytes: Int, limit: Int)
    /// Size, `ETag` or `Last-Modified` became another one in the middle.
    case sourceChanged(expected: SourceFacts, found: SourceFacts)
    case checksumMismatch(expected: CRC32C, actual: CRC32C)
    case diskFull(path: String)
    /// `errno` of a file operation.
    case file(operation: String, path: String, code: Int32)
    /// Another run works on the same destination.
    case inProgress
    case cancelled

    /// The contract's error code.
    package var code: String {
        switch self {
        case .refused: "INVALID_HTTPS_URL"
        case .unreachable(.refused): "INVALID_HTTPS_URL"
        case .unreachable, .tooSlow, .unexpectedStatus: "RESOLVE_OBJECT_METADATA_ERROR"
        case .noContent: "NO_CONTENT"
        case .notPartial: "CONTENT_NOT_PARTIAL_ERROR"
        case .invalidContentRange: "CONTENT_RANGE_HEADER_INVALID"
        case .unexpectedContentRange, .sourceChanged: "UNEXPECTED_CONTENT_RANGE"
        case .malformedContentType: "PARSE_CONTENT_TYPE_ERROR"
        case .unsupportedContentType: "UNSUPPORTED_CONTENT_TYPE"
        case .tooLarge: "INVALID_INPUT"
        case .checksumMismatch: "CHECKSUM_MISMATCH"
        case .diskFull, .file: "INTERNAL_SERVER_ERROR"
        case .inProgress, .cancelled: "CONFLICT"
        }
    }

    /// What was wrong and what is allowed, for users.
    package var message: String {
        switch self {
        case .refused(let refusal): refusal.message
        case .unreachable(let error): error.message
        case .tooSlow(let rate, let time):
            "The source sent less than \(rate) bytes a second for \(time.components.seconds) seconds; that is too slow to be waited for."
        case .unexpectedStatus(let status): "The source answered \(status)."
        case .noContent: "The source is empty."
        case .notPartial: "The source does not support range requests: it must answer 206 with Content-Range."
        case .invalidContentRange(let value): "The source's Content-Range is \(value.map { "malformed: \($0)" } ?? "missing")."
        case .unexpectedContentRange(let value): "The source sent another range than asked for: \(value)."
        case .malformedContentType(let value): "The source's Content-Type is malformed: \(value)."
        case .unsupportedContentType(let value): "The source is not a video file: its type is \(value)."
        case .tooLarge(let bytes, let limit): "The source has \(bytes) bytes; at most \(limit) are allowed."
        case .sourceChanged: "The source changed while it was copied."
        case .checksumMismatch(let expected, let actual): "The CRC-32C is \(actual.value), not \(expected.value)."
        case .diskFull: "The storage is full."
        case .file(let operation, _, _): "The storage failed (\(operation))."
        case .inProgress: "The same copy is already running."
        case .cancelled: "The copy was cancelled."
        }
    }

    /// What keeps the storage from being written to, where that is the reason; else nil.
    package var storageRefusal: StorageRefusal? {
        switch self {
        case .diskFull: .full
        case .file(let operation, _, let code): StorageRefusal(errno: code, of: operation)
        default: nil
        }
    }

    /// Whether trying again a little later may help, without anyone changing anything.
    package var isRetryable: Bool {
        switch self {
        case .unreachable(let error): error.isRetryable
        case .unexpectedStatus(let status): status.code == 408 || status.code == 429 || status.code >= 500
        case .tooSlow, .diskFull, .inProgress: true
        default: false
        }
    }

    /// An error of the client, with what a receiver threw taken out of it.
    init(_ error: HTTPClientError) {
        switch error {
        case .refused(let refusal): self = .refused(refusal)
        case .cancelled: self = .cancelled
        case .stopped(let inner as TransferError): self = inner
        default: self = .unreachable(error)
        }
    }
}
