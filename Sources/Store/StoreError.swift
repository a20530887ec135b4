package import Domain
package import Primitives

/// What a store refuses, apart from failures of the database itself (`PostgresError`).
package enum StoreError: Error, Equatable, Sendable {
    /// There is no such row, or it belongs to a team the caller cannot see.
    case notFound(StoredNoun)
    /// The row is there, but its state forbids the change.
    case conflict(StoreConflict)
}

/// Kinds of rows that can be asked for by id.
package enum StoredNoun: String, Sendable {
    case user, team, project, apiKey, video, configuration, job, webhook, webhookEvent, signingKey, s3Location, upload
    case billingPeriod, appraisal, agreement
}

/// States that forbid a change.
package enum StoreConflict: Equatable, Sendable {
    case emailTaken
    /// A project holds this many videos, and this many uploads under way.
    case projectNotEmpty(videos: Int, uploads: Int)
    case apiKeyActive
    case activeAPIKeyLimit(Int)
    case activeWebhookLimit(Int)
    /// These videos would be deleted too, and the caller did not name them.
    case unexpectedDerived([ID<Video>])
    case importNotFailed
    case exportRunning
    /// An earlier export failed, and was neither restarted nor abandoned.
    case exportFailed
    case exportNotFailed
    /// The source of a job is not there yet: its import, ingestion or processing is not done.
    case sourceNotReady
    case webhookInactive
    case eventTypeNotSubscribed
    case testEventLimit(Int)
    case builtInConfiguration
    /// The event is still being delivered.
    case eventUndecided
    /// The job has ended.
    case jobEnded
    /// The team's balance, less what its jobs under way will cost, does not cover a job.
    case insufficientBalance(cost: Dollars, available: Dollars)
    /// The appraisal was accepted before; this video came of it.
    case appraisalAccepted(ID<Video>)
    /// The team's billing has changed since the appraisal.
    case appraisalOutdated
    /// The team is billed through the marketplace, and no agreement of it is alive.
    case noMarketplaceAgreement
    /// Another request has taken the idempotency key over: the process of this one was thought dead.
    case idempotencyClaimLost
    /// The agreement is linked already.
    case agreementTaken
}

/// The teams whose rows a caller may see and change: every query about rows of teams takes one.
package struct TeamScope: Hashable, Sendable {
    package let teams: [ID<Team>]
    package init(teams: [ID<Team>]) { self.teams = teams }
    package init(_ team: ID<Team>) { teams = [team] }
}
