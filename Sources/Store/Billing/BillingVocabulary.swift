import Postgres

/// How a team pays; raw values as in the API.
package enum BillingType: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    /// In US dollars.
    case stripe = "STRIPE"
    /// In credits, under an agreement with the marketplace.
    case marketplace = "AWS_MARKETPLACE"
}

/// The two accounts of a team.
package enum TransactionKind: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    case processing = "PROCESSING"
    /// Storage and downloads.
    case utilities = "UTILITIES"
}

/// What a transaction is about, for totals; raw values as in the API.
package enum TransactionCategory: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    case encoder = "ENCODER"
    case filter = "FILTER"
    case processing = "PROCESSING"
    case storage = "STORAGE"
    /// Copies to S3.
    case export = "DOWNLOAD_S3"
    /// Downloads by link. The API's name is that of the incumbent's distribution network.
    case download = "DOWNLOAD_CLOUDFRONT"
    case other = "OTHER"
}

/// Why an account was adjusted; raw values as in the API.
package enum AdjustmentType: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    case periodStarted = "BILLING_PERIOD_STARTED"
    case creditsBought = "CREDITS_BOUGHT"
    case invoicePaid = "UTILITIES_INVOICE_PAID"
    case manual = "MANUAL_ADJUSTMENT"
    case ingestionFailed = "PROCESSED_VIDEO_INGESTION_FAILED"
    case computeSaving = "PROCESSED_VIDEO_COMPUTE_SAVING"
    case other = "OTHER"
}

/// Where a marketplace agreement stands; raw values as in the API.
package enum AgreementStatus: String, Sendable, CaseIterable, Bindable, ColumnDecodable {
    case subscribed = "SUBSCRIBED"
    case unsubscribePending = "UNSUBSCRIBE_PENDING"
    case unsubscribed = "UNSUBSCRIBED"
}
