package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// One event that is due, leased for one attempt.
package struct DeliveryRecord: Hashable, RowDecodable {
    package let event: WebhookEventRecord
    package let token: UUID
    package let url: String
    package let rateLimitPerSecond: Int
    package let maximumRetryDelayMinutes: Int
    package let isWebhookActive: Bool
    /// How long ago the attempt was due. By the database's clock, as what is due is: the host's may tell another time.
    package let overdue: Duration
    /// Since the event was written, or last replayed, by the same clock.
    package let age: Duration

    static let columns: SQL = """
        \(WebhookEventRecord.columns), e.lease_token, w.url, w.rate_limit_per_second, w.maximum_retry_delay_minutes, w.is_active,
        extract(epoch FROM now() - e.next_attempt_at)::float8,
        extract(epoch FROM now() - coalesce(e.replayed_at, e.created_at))::float8
        """

    package init(row: inout Row) throws(PostgresError) {
        event = try WebhookEventRecord(row: &row)
        token = try row.next()
        url = try row.next()
        rateLimitPerSecond = try row.next()
        maximumRetryDelayMinutes = try row.next()
        isWebhookActive = try row.next()
        overdue = .seconds(try row.next(Double.self))
        age = .seconds(try row.next(Double.self))
    }
}

/// What came of one attempt.
package struct DeliveryAttempt: Sendable {
    /// What decides over the event.
    package enum Outcome: Equatable, Sendable {
        case delivered
        /// From now on, by the database's clock.
        case retry(after: Duration)
        /// No further attempt.
        case failed
    }

    /// One element of the event's responses.
    package var response: JSONDocument
    package var outcome: Outcome
    /// False for an attempt that was not sent, such as one held back by a rate limit.
    package var countsAsAttempt: Bool

    package init(response: JSONDocument, outcome: Outcome, countsAsAttempt: Bool = true) {
        self.response = response
        self.outcome = outcome
        self.countsAsAttempt = countsAsAttempt
    }
}

/// Events on their way to webhooks: written with the change they tell of, delivered afterwards at least once.
package struct EventOutbox: Sendable {
    let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Writes an event to the team's stream, and for every active webhook of the team that subscribes to its type, in the
    /// caller's transaction.
    package static func record(
        _ type: EventType, video: ID<Video>, team: ID<Team>, in transaction: borrowing Transaction
    ) throws(PostgresError) {
        try transaction.execute(
            """
            INSERT INTO team_events (id, team_id, event_type, video_id, occurred_at)
            VALUES (gen_random_uuid(), \(team), \(type), \(video), clock_timestamp())
            """)
        let count = try transaction.execute(
            """
            INSERT INTO webhook_events (id, team_id, webhook_id, event_type, video_id, occurred_at, next_attempt_at)
            SELECT gen_random_uuid(), team_id, id, \(type)::text, \(video), clock_timestamp(), now() FROM webhooks
            WHERE team_id = \(team) AND is_active AND \(type)::text = ANY(event_types)
            """)
        if count > 0 { try wakeSenders(in: transaction) }
    }

    /// Writes down an attempt and decides over the event. Throws `LeaseLost` when another sender has it by now.
    package func record(_ attempt: DeliveryAttempt, for delivery: DeliveryRecord) async throws {
        let successful: Bool?
        let delay: Duration?
        switch attempt.outcome {
        case .delivered: (successful, delay) = (true, nil)
        case .retry(let after): (successful, delay) = (nil, after)
        case .failed: (successful, delay) = (false, nil)
        }
        let recorded = try await pool.run {
            try $0.execute(
                """
                UPDATE webhook_events SET attempt_count = attempt_count + \(attempt.countsAsAttempt ? 1 : 0),
                    responses = responses || jsonb_build_array(\(attempt.response)), successful = \(successful),
                    next_attempt_at = now() + make_interval(secs => \(delay)), lease_token = NULL, lease_expires_at = NULL,
                    updated_at = now()
                WHERE id = \(delivery.event.id) AND lease_token = \(delivery.token)
                """)
        }
        guard recorded == 1 else { throw LeaseLost() }
    }

    /// Forgets test events after 24 hours, and decided events after `age`; returns how many.
    package func prune(decidedBefore age: Duration) async throws -> Int {
        try await pool.run {
            try $0.execute(
                """
                DELETE FROM webhook_events WHERE (is_test AND created_at < now() - interval '24 hours')
                    OR (successful IS NOT NULL AND created_at < now() - make_interval(secs => \(age)))
                """)
        }
    }

    static func wakeSenders(in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute("SELECT pg_notify(\(Channel.events), '')")
    }
}
