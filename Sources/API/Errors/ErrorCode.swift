import Domain

/// The documented error codes of the contract and of its release 2.0 (`ErrorCodeEnum`). The set is open: answers may carry other codes, without
/// the `errorCodeEnum` member.
package enum ErrorCode: String, CaseIterable, Sendable {
    case unknown = "UNKNOWN"
    case tooManyRequests = "TOO_MANY_REQUESTS"
    case invalidCredentials = "INVALID_CREDENTIALS"
    case accountLocked = "ACCOUNT_LOCKED"
    case accountDisabled = "ACCOUNT_DISABLED"
    case accountExpired = "ACCOUNT_EXPIRED"
    case missingAPIKey = "MISSING_API_KEY"
    case invalidAPIKey = "INVALID_API_KEY"
    case accessDenied = "ACCESS_DENIED"
    case resourceNotFound = "RESOURCE_NOT_FOUND"
    case teamNotFound = "TEAM_NOT_FOUND"
    case defaultTeamNotAPIEnabled = "DEFAULT_TEAM_NOT_API_ENABLED"
    case invalidInput = "INVALID_INPUT"
    case forbidden = "FORBIDDEN"
    case validationError = "VALIDATION_ERROR"
    case webhookNotActive = "WEBHOOK_NOT_ACTIVE"
    case tooManyWebhookTestEvents = "TOO_MANY_WEBHOOK_TEST_EVENTS"
    case containerIsNotSupportedForSelectedCodec = "CONTAINER_IS_NOT_SUPPORTED_FOR_SELECTED_CODEC"
    case insufficientProjectedBalance = "INSUFFICIENT_PROJECTED_BALANCE_ERROR"
    case projectWithVideosCannotBeDeleted = "PROJECT_WITH_VIDEOS_CANNOT_BE_DELETED"
    case activeAPIKeyCannotBeDeleted = "ACTIVE_API_KEY_CANNOT_BE_DELETED"
    case videoInOperationNotFailed = "VIDEO_IN_OPERATION_NOT_FAILED"
    case videoOutOperationNotFailed = "VIDEO_OUT_OPERATION_NOT_FAILED"
    case videoAlreadyBeingCopied = "VIDEO_ALREADY_BEING_COPIED_TO_OUTPUT_LOCATION"
    case ongoingCopyNeedsRestart = "ONGOING_COPY_TO_OUTPUT_NEEDS_TO_BE_RESTARTED_OR_ABANDONED"
    case bucketNotFound = "BUCKET_NOT_FOUND"
    case keyNotFound = "KEY_NOT_FOUND"
    case headBucketError = "HEAD_BUCKET_ERROR"
    case headObjectError = "HEAD_OBJECT_ERROR"
    case resolveObjectMetadataError = "RESOLVE_OBJECT_METADATA_ERROR"
    case contentRangeHeaderInvalid = "CONTENT_RANGE_HEADER_INVALID"
    case contentNotPartial = "CONTENT_NOT_PARTIAL_ERROR"
    case parseContentTypeError = "PARSE_CONTENT_TYPE_ERROR"
    case noContent = "NO_CONTENT"
    case objectAlreadyExists = "OBJECT_ALREADY_EXISTS"
    case conflictingDerivedVideoIDs = "CONFLICTING_DERIVED_VIDEO_IDS"
    case maximumActiveAPIKeys = "MAXIMUM_AMOUNT_OF_ACTIVE_API_KEYS_REACHED"
    case maximumActiveWebhooks = "MAXIMUM_AMOUNT_OF_ACTIVE_WEBHOOKS_REACHED"
    case invalidRequestBody = "INVALID_REQUEST_BODY"
    case missingRequestBody = "MISSING_REQUEST_BODY"
    case targetResolutionOutOfAllowedRange = "TARGET_RESOLUTION_OUT_OF_ALLOWED_RANGE"
    case targetResolutionBelowAspectRatioResolution = "TARGET_RESOLUTION_CANNOT_BE_LOWER_THAN_CALCULATED_ASPECT_RATIO_RESOLUTION"
    case invalidStartPosition = "INVALID_START_POSITION"
    case invalidEndPosition = "INVALID_END_POSITION"
    case missingCustomResolution = "MISSING_CUSTOM_RESOLUTION"
    case invalidInputColorConversion = "INVALID_INPUT_COLOR_CONVERSION"
    case invalidOutputColorConversion = "INVALID_OUTPUT_COLOR_CONVERSION"
    case unsupportedContentType = "UNSUPPORTED_CONTENT_TYPE"
    case checksumMismatch = "CHECKSUM_MISMATCH"
    case restartChecksumMismatch = "VIDEO_IN_RESTART_CHECKSUM_MISMATCH"
    case invalidHTTPSURL = "INVALID_HTTPS_URL"
    case unexpectedContentRange = "UNEXPECTED_CONTENT_RANGE"
    case videoProcessingNotDone = "VIDEO_PROCESSING_NOT_DONE"
    case webhookRateLimitExceeded = "WEBHOOK_RATE_LIMIT_EXCEEDED"
    case videoNotFullyIngested = "VIDEO_NOT_FULLY_INGESTED"
    case videoComparisonConflict = "VIDEO_COMPARISON_CONFLICT"
    case invalidDateTimeRange = "INVALID_DATE_TIME_RANGE"
    case appraisalBillingOutDated = "APPRAISAL_BILLING_OUT_DATED"
    case awsMarketplaceAccessNotAvailable = "AWS_MARKETPLACE_ACCESS_NOT_AVAILABLE"
    case teamNotBilledThroughAWSMarketplace = "TEAM_NOT_BILLED_THROUGH_AWS_MARKETPLACE"
    case badRequest = "BAD_REQUEST"
    case unauthorized = "UNAUTHORIZED"
    case notFound = "NOT_FOUND"
    case conflict = "CONFLICT"
    case internalServerError = "INTERNAL_SERVER_ERROR"

    /// The code for problems of one kind.
    init(_ kind: Problem.Kind) {
        switch kind {
        case .invalid, .unavailable: self = .validationError
        case .startPosition: self = .invalidStartPosition
        case .endPosition: self = .invalidEndPosition
        case .containerForCodec: self = .containerIsNotSupportedForSelectedCodec
        case .missingResolution: self = .missingCustomResolution
        case .resolutionOutOfRange: self = .targetResolutionOutOfAllowedRange
        case .resolutionBelowSource: self = .targetResolutionBelowAspectRatioResolution
        case .inputColorConversion: self = .invalidInputColorConversion
        case .outputColorConversion: self = .invalidOutputColorConversion
        case .url: self = .invalidHTTPSURL
        case .dateTimeRange: self = .invalidDateTimeRange
        }
    }
}
