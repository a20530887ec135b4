import Domain
import HTTP
import ObjectStorage
import Postgres
import Primitives
import S3
import Store
import Transfer

/// The one place where an error of a lower module meets a status and a code.
extension APIError {
    /// The answer to an error; nil for one that tells the client nothing but that the server failed.
    init?(converting error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let failure as ValidationFailure: self.init(failure)
        case let parameter as InvalidPathParameter:
            self.init(
                ValidationFailure(problems: [
                    Problem(field: parameter.name, actual: parameter.value, "must be \(parameter.expected)")
                ]))
        case let error as StoreError: self.init(error)
        case let error as PostgresError:
            guard let passing = APIError(passing: error) else { return nil }
            self = passing
        case let error as TransferError: self.init(error)
        case let error as S3Error: self.init(error)
        case let error as ObjectStorageError:
            guard let refusal = error.refusal else { return nil }
            self.init(refusal)
        case RequestBodyError.faulty(let fault): self.init(fault.status, code: ErrorRenderer.code(fault.status), fault.message)
        case RequestBodyError.connectionLost: self = .connectionLost
        // Nothing but the loss of its connection cancels a request.
        case is CancellationError where Task.isCancelled: self = .connectionLost
        default: return nil
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .notFound(.team): self = .teamNotFound
        case .notFound(let noun): self = .notFound(noun)
        case .conflict(let conflict): self.init(conflict)
        }
    }

    init(_ conflict: StoreConflict) {
        switch conflict {
        case .emailTaken: self.init(.conflict, .conflict, "There is an account with this address.")
        case .projectNotEmpty(let videos, let uploads):
            let held = [(videos, "video"), (uploads, "unfinished upload")].filter { $0.0 > 0 }
                .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
            self.init(
                .conflict, .projectWithVideosCannotBeDeleted,
                "The project holds \(held.joined(separator: " and ")); delete \(videos + uploads == 1 ? "it" : "them") first.",
                details: .members(["videos": .integer(Int64(videos)), "uploads": .integer(Int64(uploads))]))
        case .apiKeyActive: self.init(.conflict, .activeAPIKeyCannotBeDeleted, "The API key is active; deactivate it first.")
        case .activeAPIKeyLimit(let limit):
            self.init(.conflict, .maximumActiveAPIKeys, "A user can have \(limit) active API keys; deactivate one first.")
        case .activeWebhookLimit(let limit):
            self.init(.conflict, .maximumActiveWebhooks, "A team can have \(limit) active webhooks; deactivate one first.")
        case .unexpectedDerived(let videos):
            self.init(
                .conflict, .conflictingDerivedVideoIDs, "Derived videos exist that the request does not list.",
                details: .members(["unlisted": .array(videos.map(\.json))]))
        case .importNotFailed:
            self.init(.conflict, .videoInOperationNotFailed, "The import has not failed; only a failed one can be restarted or abandoned.")
        case .exportRunning:
            self.init(.conflict, .videoAlreadyBeingCopied, "The video is being exported; a video has one export at a time.")
        case .exportFailed:
            self.init(
                .conflict, .ongoingCopyNeedsRestart, "The last export of the video failed; restart or abandon it before another one.")
        case .exportNotFailed:
            self.init(.conflict, .videoOutOperationNotFailed, "The export has not failed; only a failed one can be restarted or abandoned.")
        case .sourceNotReady:
            self.init(.conflict, .conflict, "The video is not there yet: its import, ingestion or processing is not done.")
        case .webhookInactive: self.init(.conflict, .webhookNotActive, "The webhook is not active.")
        case .eventUndecided: self.init(.conflict, .conflict, "The event is still being delivered; only a decided one can be replayed.")
        case .eventTypeNotSubscribed: self.init(.conflict, .conflict, "The webhook is not subscribed to this event type.")
        case .testEventLimit(let limit):
            self.init(
                .conflict, .tooManyWebhookTestEvents, "The team has sent \(limit) test events in the last 24 hours; no more are allowed.")
        case .builtInConfiguration: self.init(.forbidden, .forbidden, "Built-in processing configurations cannot be changed.")
        case .jobEnded: self.init(.conflict, .conflict, "The job has ended.")
        case .insufficientBalance(let cost, let available):
            self.init(
                .conflict, .insufficientProjectedBalance,
                "The processing costs \(cost.json) USD, and \(available.json) USD of the balance are not bespoken by processing under way.",
                details: .members(["costUsd": cost.json, "availableUsd": available.json]))
        case .appraisalAccepted(let video):
            self.init(
                .conflict, .conflict, "The appraisal was accepted before.", details: .members(["videoId": video.json]))
        case .appraisalOutdated:
            self.init(
                .conflict, .appraisalBillingOutDated, "The team's billing has changed since the appraisal was made; create a new one.")
        case .noMarketplaceAgreement:
            self.init(
                .forbidden, .awsMarketplaceAccessNotAvailable,
                "The team is billed through the marketplace, and none of its agreements is in force.")
        case .idempotencyClaimLost: self = .idempotencyKeyInUse
        case .agreementTaken: self.init(.conflict, .conflict, "The agreement is linked to a team already.")
        }
    }

    private init(_ error: TransferError) {
        self.init(.badRequest, code: error.code, error.message)
        problems = [Problem(.url, field: "url", actual: nil, error.message)]
    }

    /// What a bucket says is the client's to mend: its place, its keys, or the object in it.
    private init(_ error: S3Error) {
        let status: HTTPStatus =
            switch error {
            case .noSuchBucket, .noSuchKey: .notFound
            case .alreadyExists: .conflict
            default: .badRequest
            }
        self.init(status, code: error.code, error.message)
    }

    /// What keeps the storage from being written to passes, or is mended by the operator.
    private init(_ refusal: StorageRefusal) {
        let status: HTTPStatus = refusal == .full ? .insufficientStorage : .serviceUnavailable
        self.init(
            status, code: ErrorRenderer.code(status), refusal.message + " Try again later.", headers: [.retryAfter: "60"])
    }

    /// 408, seen by a client that stopped sending and keeps its connection open, and by nobody where the client is gone.
    static let connectionLost = APIError(
        .requestTimeout, code: ErrorRenderer.code(.requestTimeout), "The request did not arrive in time.")

    /// 404 for a row that is not there, or belongs to others.
    static func notFound(_ noun: StoredNoun) -> APIError {
        APIError(.notFound, .resourceNotFound, "There is no such \(noun.phrase).")
    }

    static let teamNotFound = APIError(.notFound, .teamNotFound, "There is no such team, or it is not open to the API.")
}

extension StoredNoun {
    /// The noun in running text.
    fileprivate var phrase: String {
        switch self {
        case .user, .team, .project, .video, .job, .webhook, .appraisal, .upload: rawValue
        case .billingPeriod: "billing period"
        case .agreement: "marketplace agreement"
        case .apiKey: "API key"
        case .configuration: "processing configuration"
        case .webhookEvent: "webhook event"
        case .signingKey: "public key"
        case .s3Location: "stored S3 location"
        }
    }
}
