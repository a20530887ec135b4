package import Domain
package import Postgres
import Primitives

/// What finished jobs took, product by product and device by device, and what that says about later ones.
package struct MeasurementStore: Sendable {
    /// Jobs a product's rate is taken from, and jobs the error is taken from.
    static let window = 50
    static let errorWindow = 20
    /// Measurements are forgotten after this.
    package static let retention: Duration = .seconds(180 * 86_400)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// The history on the device that finished a job last; empty before the first.
    package func history() async throws -> ComputeHistory {
        try await pool.run { connection in
            let device = try connection.value(
                "SELECT device FROM job_measurements ORDER BY created_at DESC, job_id LIMIT 1", as: String.self)
            guard let device else { return ComputeHistory() }
            let rates: [Rate] = try connection.query(Self.ratesStatement(device))
            let error = try connection.value(
                """
                SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY 100 * abs(seconds - predicted_seconds) / seconds) FROM (
                    SELECT seconds, predicted_seconds FROM job_measurements WHERE device = \(device)
                    ORDER BY created_at DESC LIMIT \(Self.errorWindow)
                ) latest
                """, as: Double.self)
            let known = rates.compactMap { rate in BillableProduct(rawValue: rate.product).map { ($0, rate.seconds) } }
            return ComputeHistory(
                device: device, rates: Dictionary(known) { first, _ in first }, errorPercentage: error)
        }
    }

    /// Each product's rate on a device. Reads the latest measurements of each only, of the products that there are.
    package static func ratesStatement(_ device: String) -> SQL {
        """
        SELECT p.product, 1000 * sum(m.seconds) / sum(m.volume)
        FROM unnest(\(BillableProduct.allCases.map(\.rawValue))) p (product) CROSS JOIN LATERAL (
            SELECT seconds, volume FROM product_measurements WHERE device = \(device) AND product = p.product
            ORDER BY created_at DESC LIMIT \(Self.window)) m
        GROUP BY p.product
        """
    }

    /// Forgets old measurements; returns how many jobs'.
    package func prune() async throws -> Int {
        try await pool.run {
            try $0.execute("DELETE FROM job_measurements WHERE created_at < now() - make_interval(secs => \(Self.retention))")
        }
    }

    /// Notes what a job took that has just succeeded, when its report names the device and each of its units went through
    /// at the first attempt: then their time is the job's.
    ///
    /// The time is shared out to the products as the estimate had it. Where a product's rate was wrong, its share of the
    /// next estimate moves towards the truth with every job in which it weighs differently.
    static func record(_ job: ID<Job>, in transaction: borrowing Transaction) throws(PostgresError) {
        let recorded = try transaction.execute(
            """
            INSERT INTO job_measurements (job_id, device, seconds, predicted_seconds)
            SELECT j.id, j.report->'devices'->0->>'name', work.seconds, estimate.seconds
            FROM jobs j JOIN charges c ON c.job_id = j.id,
                LATERAL (SELECT sum(extract(epoch FROM ended_at - started_at))::float8 AS seconds, max(attempt) AS attempts
                    FROM segments WHERE job_id = j.id) work,
                LATERAL (SELECT sum(s.seconds) AS seconds FROM jsonb_to_recordset(c.shares) AS s (seconds float8)) estimate
            WHERE j.id = \(job) AND j.report->'devices'->0->>'name' IS NOT NULL AND work.attempts = 1 AND work.seconds > 0
                AND estimate.seconds > 0
            ON CONFLICT DO NOTHING
            """)
        guard recorded == 1 else { return }
        try transaction.execute(
            """
            INSERT INTO product_measurements (job_id, product, device, volume, seconds)
            SELECT m.job_id, s.product, m.device, s.volume, s.seconds * m.seconds / m.predicted_seconds
            FROM job_measurements m JOIN charges c ON c.job_id = m.job_id,
                LATERAL jsonb_to_recordset(c.shares) AS s (product text, volume bigint, seconds float8)
            WHERE m.job_id = \(job) AND s.volume > 0
            """)
    }

    private struct Rate: RowDecodable {
        let product: String
        let seconds: Double

        init(row: inout Row) throws(PostgresError) {
            product = try row.next()
            seconds = try row.next()
        }
    }
}
