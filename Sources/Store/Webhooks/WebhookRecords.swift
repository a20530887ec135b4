package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// A webhook.
package struct WebhookRecord: Hashable, RowDecodable {
    package let id: ID<Webhook>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let name: String
    package let description: String?
    package let url: String
    package let rateLimitPerSecond: Int
    package let maximumRetryDelayMinutes: Int
    package let eventTypes: [EventType]
    package let isActive: Bool

    static let columns: SQL = """
        w.id, w.created_at, w.updated_at, w.team_id, w.name, w.description, w.url, w.rate_limit_per_second,
        w.maximum_retry_delay_minutes, w.event_types, w.is_active
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        name = try row.next()
        description = try row.next()
        url = try row.next()
        rateLimitPerSecond = try row.next()
        maximumRetryDelayMinutes = try row.next()
        eventTypes = try row.next()
        isActive = try row.next()
    }
}

/// A webhook to be made.
package struct NewWebhook: Sendable {
    package var team: ID<Team>
    package var name: String
    package var description: String?
    package var url: String
    package var rateLimitPerSecond: Int
    package var maximumRetryDelayMinutes: Int
    package var eventTypes: [EventType]
    package var isActive: Bool

    package init(
        team: ID<Team>, name: String, description: String? = nil, url: String, rateLimitPerSecond: Int = 10,
        maximumRetryDelayMinutes: Int = 180, eventTypes: [EventType], isActive: Bool = true
    ) {
        self.team = team
        self.name = name
        self.description = description
        self.url = url
        self.rateLimitPerSecond = rateLimitPerSecond
        self.maximumRetryDelayMinutes = maximumRetryDelayMinutes
        self.eventTypes = eventTypes
        self.isActive = isActive
    }
}

/// Changes of a webhook; nil leaves as it is.
package struct WebhookChanges: Sendable {
    package var name: String?
    package var description: String?
    package var url: String?
    package var rateLimitPerSecond: Int?
    package var maximumRetryDelayMinutes: Int?
    /// Replaces all of them.
    package var eventTypes: [EventType]?

    package init() {}
}

/// One event for one webhook, with the attempts to deliver it.
package struct WebhookEventRecord: Hashable, RowDecodable {
    package let id: ID<WebhookEvent>
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let webhook: ID<Webhook>
    package let type: EventType
    package let video: ID<Video>
    package let occurredAt: Date
    package let isTest: Bool
    package let attemptCount: Int
    /// A JSON array, one element an attempt.
    package let responses: JSONDocument
    /// Nil until decided.
    package let successful: Bool?
    /// Nil once decided.
    package let nextAttemptAt: Date?
    /// When it was last asked to be delivered again; nil for never.
    package let replayedAt: Date?
    /// Attempts made before that.
    package let attemptsBeforeReplay: Int

    static let columns: SQL = """
        e.id, e.created_at, e.updated_at, e.team_id, e.webhook_id, e.event_type, e.video_id, e.occurred_at, e.is_test,
        e.attempt_count, e.responses, e.successful, e.next_attempt_at, e.replayed_at, e.attempts_before_replay
        """

    package init(row: inout Row) throws(PostgresError) {
        id = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        webhook = try row.next()
        type = try row.next()
        video = try row.next()
        occurredAt = try row.next()
        isTest = try row.next()
        attemptCount = try row.next()
        responses = try row.next()
        successful = try row.next()
        nextAttemptAt = try row.next()
        replayedAt = try row.next()
        attemptsBeforeReplay = try row.next()
    }
}

/// Which events a list keeps.
package struct WebhookEventFilter: Sendable {
    package var team: ID<Team>?
    /// The named kind is events that were delivered.
    package var successfulMode: FilterMode
    /// The named kind is test events.
    package var testMode: FilterMode
    /// Inclusive.
    package var occurredFrom: Date?
    /// Exclusive.
    package var occurredUntil: Date?

    package init(
        team: ID<Team>? = nil, successfulMode: FilterMode = .include, testMode: FilterMode = .include, occurredFrom: Date? = nil,
        occurredUntil: Date? = nil
    ) {
        self.team = team
        self.successfulMode = successfulMode
        self.testMode = testMode
        self.occurredFrom = occurredFrom
        self.occurredUntil = occurredUntil
    }
}
