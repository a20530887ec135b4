extension S3Error {
    /// The contract's error code.
    package var code: String {
        switch self {
        case .noSuchBucket: "BUCKET_NOT_FOUND"
        case .noSuchKey: "KEY_NOT_FOUND"
        case .alreadyExists: "OBJECT_ALREADY_EXISTS"
        case .rangeNotSatisfiable: "NO_CONTENT"
        case .unreachable, .credentialsRefused, .unknownRegion: "HEAD_BUCKET_ERROR"
        case .accessDenied: "HEAD_OBJECT_ERROR"
        case .service, .malformedAnswer, .noSuchUpload: "RESOLVE_OBJECT_METADATA_ERROR"
        case .cancelled: "CONFLICT"
        }
    }
}
