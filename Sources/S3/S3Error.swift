package import HTTP

/// Why a request to S3 did not do what it was to do.
package enum S3Error: Error {
    /// No answer at all, or a refusal of our own rules for outgoing URLs.
    case unreachable(HTTPClientError)
    case noSuchBucket(String)
    case noSuchKey(String)
    /// A multipart upload that was completed, aborted, or never there.
    case noSuchUpload
    /// The key pair is not known or does not fit: the service's code.
    case credentialsRefused(code: String)
    /// The key pair is good, and may not do this.
    case accessDenied
    /// The object is there, and the request asked for none to be.
    case alreadyExists(String)
    /// The object is shorter than the range begins, or empty.
    case rangeNotSatisfiable
    /// The bucket is in a region that the service does not name.
    case unknownRegion(bucket: String)
    /// Any other error, in the service's words.
    case service(status: HTTPStatus, code: String, message: String)
    /// A good status with something else than S3 sends.
    case malformedAnswer(String)
    case cancelled

    /// What was wrong, for users.
    package var message: String {
        switch self {
        case .unreachable(let error): "The storage cannot be reached: \(error.message)"
        case .noSuchBucket(let bucket): "There is no bucket '\(bucket)'."
        case .noSuchKey(let key): "There is no object '\(key)' in the bucket."
        case .noSuchUpload: "The upload is gone: it was completed or aborted by others."
        case .credentialsRefused(let code): "The storage refuses the access keys (\(code))."
        case .accessDenied: "The access keys do not allow this (AccessDenied)."
        case .alreadyExists(let key): "The bucket has an object '\(key)' already."
        case .rangeNotSatisfiable: "The object is empty, or shorter than it was."
        case .unknownRegion(let bucket): "The bucket '\(bucket)' is in another region, which the storage does not name."
        case .service(let status, let code, let message):
            "The storage answered \(status.code) \(code)" + (message.isEmpty ? "." : ": \(message)")
        case .malformedAnswer(let text): "The storage's answer is malformed: \(text)."
        case .cancelled: "The request was cancelled."
        }
    }

    /// Whether the same request may succeed a little later, without anyone changing anything.
    package var isRetryable: Bool {
        switch self {
        case .unreachable(let error): error.isRetryable
        case .service(let status, let code, _):
            status.code >= 500 && status.code != 501 || status.code == 429
                || ["RequestTimeout", "SlowDown", "OperationAborted"].contains(code)
        default: false
        }
    }

    /// Reads an error answer: the XML body where there is one, else the status alone.
    init(_ response: ClientResponse, bucket: String, key: String?) {
        let body: XMLElement?
        do { body = try XMLReader.read(response.body) } catch { body = nil }
        let error = body.flatMap { $0.name == "Error" ? $0 : nil }
        self.init(
            status: response.status, code: error?.text("Code") ?? "", message: error?.text("Message") ?? "", bucket: bucket, key: key)
    }

    /// - Parameter code: the service's; empty for an answer without a body, as to HEAD.
    init(status: HTTPStatus, code: String, message: String, bucket: String, key: String?) {
        switch (code, status.code) {
        case ("NoSuchBucket", _): self = .noSuchBucket(bucket)
        case ("NoSuchUpload", _): self = .noSuchUpload
        case ("NoSuchKey", _): self = .noSuchKey(key ?? "")
        case ("", 404): self = key.map { .noSuchKey($0) } ?? .noSuchBucket(bucket)
        case ("InvalidAccessKeyId", _), ("SignatureDoesNotMatch", _), ("InvalidToken", _), ("ExpiredToken", _), ("InvalidSecurity", _),
            ("AuthorizationHeaderMalformed", 403), ("NotSignedUp", _), ("AccountProblem", _):
            self = .credentialsRefused(code: code)
        case ("AccessDenied", _), ("AllAccessDisabled", _), ("", 403): self = .accessDenied
        case ("PreconditionFailed", _), ("", 412): self = .alreadyExists(key ?? "")
        case ("InvalidRange", _), ("", 416): self = .rangeNotSatisfiable
        default: self = .service(status: status, code: code.isEmpty ? status.reasonPhrase : code, message: String(message.prefix(300)))
        }
    }
}
