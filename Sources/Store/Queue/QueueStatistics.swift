import Domain
package import Postgres

/// How much there is to do, and how it went in the last hour; of all teams together.
package struct QueueStatistics: Sendable {
    /// Jobs of one kind in one state: all that are under way, and those that ended in the last hour.
    package struct Jobs: RowDecodable {
        package let kind: JobKind
        package let state: JobState
        package let count: Int

        package init(row: inout Row) throws(PostgresError) {
            kind = try row.next()
            state = try row.next()
            count = try row.next()
        }
    }

    /// Units of one kind in one state that are not done.
    package struct Units: RowDecodable {
        package let kind: UnitKind
        package let state: SegmentState
        package let count: Int

        package init(row: inout Row) throws(PostgresError) {
            kind = try row.next()
            state = try row.next()
            count = try row.next()
        }
    }

    /// Time that units of one kind took, of jobs that ended in the last hour.
    package struct UnitTimes: RowDecodable {
        package let kind: UnitKind
        package let count: Int
        /// In seconds, from the first lease to the end.
        package let seconds: Double

        package init(row: inout Row) throws(PostgresError) {
            kind = try row.next()
            count = try row.next()
            seconds = try row.next()
        }
    }

    package let jobs: [Jobs]
    package let units: [Units]
    package let unitTimes: [UnitTimes]
    /// How long the unit that waits longest could have been worked on, in seconds.
    package let oldestWait: Double
    /// Units that rest because what they write to took nothing.
    package let waitingForStorage: Int
    /// Webhook events not decided yet.
    package let pendingEvents: Int
}

extension JobStore {
    /// Reads the jobs that are under way and those that ended in the last hour, each by an index of their own.
    package static let jobCountsStatement: SQL = """
        SELECT kind, 'active', count(*) FROM jobs WHERE state = 'active' GROUP BY kind
        UNION ALL
        SELECT kind, state, count(*) FROM jobs WHERE state <> 'active' AND ended_at > now() - interval '1 hour' GROUP BY kind, state
        ORDER BY 1, 2
        """

    package func statistics() async throws -> QueueStatistics {
        try await pool.run { connection in
            QueueStatistics(
                jobs: try connection.query(Self.jobCountsStatement),
                units: try connection.query(
                    """
                    SELECT s.kind, s.state, count(*) FROM segments s JOIN jobs j ON j.id = s.job_id
                    WHERE j.state = 'active' AND s.state <> 'succeeded' GROUP BY s.kind, s.state ORDER BY 1, 2
                    """),
                unitTimes: try connection.query(
                    """
                    SELECT s.kind, count(*), sum(extract(epoch FROM s.ended_at - s.started_at))::float8
                    FROM segments s JOIN jobs j ON j.id = s.job_id
                    WHERE j.state <> 'active' AND j.ended_at > now() - interval '1 hour' AND s.state = 'succeeded'
                        AND s.started_at IS NOT NULL
                    GROUP BY s.kind ORDER BY 1
                    """),
                oldestWait: try connection.value(
                    """
                    SELECT coalesce(greatest(0, extract(epoch FROM now() - min(not_before))), 0)::float8
                    FROM segments WHERE state = 'available'
                    """, as: Double.self) ?? 0,
                waitingForStorage: try connection.value(
                    """
                    SELECT count(*) FROM segments WHERE state = 'available' AND not_before > now()
                        AND last_error->>'code' = \(UnitFailure.storageUnavailable)
                    """, as: Int.self) ?? 0,
                pendingEvents: try connection.value("SELECT count(*) FROM webhook_events WHERE successful IS NULL", as: Int.self) ?? 0)
        }
    }
}
