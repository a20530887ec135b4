package import Domain
package import Postgres
package import Primitives

/// How many events may be leased: in all, of each webhook, and of those webhooks together that do not answer.
package struct DeliveryRoom: Sendable {
    /// One webhook that is treated apart.
    package struct Place: Hashable, Sendable {
        package var id: ID<Webhook>
        /// Deliveries that the caller has under way already.
        package var underWay: Int
        /// How many more may begin, at least 0.
        package var free: Int
        /// Whether it did not answer when it was last sent something.
        package var isSilent: Bool

        package init(_ id: ID<Webhook>, underWay: Int, free: Int, isSilent: Bool) {
            self.id = id
            self.underWay = underWay
            self.free = free
            self.isSilent = isSilent
        }
    }

    /// In all.
    package var total: Int
    /// To each webhook that is not among `webhooks`.
    package var each: Int
    /// To all silent ones together.
    package var silent: Int
    package var webhooks: [Place]

    package init(total: Int, each: Int, silent: Int, webhooks: [Place] = []) {
        self.total = total
        self.each = each
        self.silent = silent
        self.webhooks = webhooks
    }
}

extension EventOutbox {
    /// Takes up to `limit` events that are due, whichever webhooks they are for.
    package func lease(limit: Int, duration: Duration) async throws -> [DeliveryRecord] {
        try await lease(DeliveryRoom(total: limit, each: limit, silent: limit), duration: duration)
    }

    /// Takes events that are due, for one attempt each, as many as there is room for: the oldest of each webhook, and of those that have
    /// the fewest under way first. Those of a sender that died come back after `duration`.
    package func lease(_ room: DeliveryRoom, duration: Duration) async throws -> [DeliveryRecord] {
        try await pool.run { try $0.query(Self.leaseStatement(room, duration: duration)) }
    }

    /// It walks from one webhook with anything to be delivered to the next by the index, and from there to what is due of each: neither
    /// webhooks that have nothing to be delivered cost anything, nor all that waits behind what one of them may be sent.
    /// What was chosen is looked up as an array: its length is then no guess of the planner's, to whom it may seem worth a walk through
    /// all events.
    package static func leaseStatement(_ room: DeliveryRoom, duration: Duration) -> SQL {
        let isDue: SQL = """
            e.successful IS NULL AND e.next_attempt_at <= now() AND (e.lease_expires_at IS NULL OR e.lease_expires_at < now())
            """
        let silent: [Int] = room.webhooks.map { $0.isSilent ? 1 : 0 }
        return """
            WITH RECURSIVE pending AS (
                (SELECT webhook_id, next_attempt_at FROM webhook_events WHERE successful IS NULL
                    ORDER BY webhook_id, next_attempt_at LIMIT 1)
                UNION ALL
                SELECT n.webhook_id, n.next_attempt_at FROM pending p CROSS JOIN LATERAL (
                    SELECT e.webhook_id, e.next_attempt_at FROM webhook_events e
                    WHERE e.successful IS NULL AND e.webhook_id > p.webhook_id ORDER BY e.webhook_id, e.next_attempt_at LIMIT 1) n
            ), known AS (
                SELECT webhook_id, under_way, free, silent = 1 AS silent FROM unnest(
                    \(room.webhooks.map(\.id)), \(room.webhooks.map(\.underWay)), \(room.webhooks.map(\.free)), \(silent)
                    ) k (webhook_id, under_way, free, silent)
            ), ready AS (
                SELECT p.webhook_id, coalesce(k.under_way, 0) AS under_way, coalesce(k.free, \(room.each)) AS free,
                    coalesce(k.silent, false) AS silent, row_number() OVER (
                        PARTITION BY coalesce(k.silent, false) ORDER BY coalesce(k.under_way, 0), f.next_attempt_at, p.webhook_id) AS place
                FROM pending p LEFT JOIN known k ON k.webhook_id = p.webhook_id CROSS JOIN LATERAL (
                    SELECT e.next_attempt_at FROM webhook_events e WHERE e.webhook_id = p.webhook_id AND \(isDue)
                    ORDER BY e.next_attempt_at, e.position LIMIT 1) f
                WHERE p.next_attempt_at <= now() AND coalesce(k.free, \(room.each)) > 0
            ), offered AS (
                SELECT r.webhook_id, r.silent, r.under_way + e.place AS place, e.next_attempt_at, row_number() OVER (
                    PARTITION BY r.silent ORDER BY r.under_way + e.place, e.next_attempt_at, r.webhook_id) AS turn
                FROM ready r CROSS JOIN LATERAL (
                    SELECT e.next_attempt_at, row_number() OVER (ORDER BY e.next_attempt_at, e.position) AS place
                    FROM webhook_events e WHERE e.webhook_id = r.webhook_id AND \(isDue)
                    ORDER BY e.next_attempt_at, e.position LIMIT r.free) e
                WHERE r.place <= \(room.total)
            ), shares AS (
                SELECT webhook_id, count(*) AS share FROM (
                    SELECT webhook_id FROM offered WHERE NOT silent OR turn <= \(room.silent)
                    ORDER BY place, next_attempt_at LIMIT \(room.total)) o
                GROUP BY webhook_id
            ), due AS (
                SELECT e.id FROM shares s CROSS JOIN LATERAL (
                    SELECT e.id FROM webhook_events e WHERE e.webhook_id = s.webhook_id AND \(isDue)
                    ORDER BY e.next_attempt_at, e.position LIMIT s.share FOR UPDATE SKIP LOCKED) e
            )
            UPDATE webhook_events e SET lease_token = gen_random_uuid(), lease_expires_at = now() + make_interval(secs => \(duration))
            FROM webhooks w WHERE e.id = ANY(ARRAY(SELECT id FROM due)) AND w.id = e.webhook_id RETURNING \(DeliveryRecord.columns)
            """
    }
}
