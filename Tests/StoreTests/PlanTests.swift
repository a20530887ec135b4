import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite("Statements that do not read the whole history")
struct PlanTests {
    /// The plan where an index is taken whenever one will do: in the small tables of a test none would be.
    private static func plan(_ statement: SQL, in database: TestDatabase) async throws -> String {
        try await database.pool.run { connection in
            try connection.run(unescapedScript: "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
            return try connection.values("EXPLAIN " + statement, as: String.self).joined(separator: "\n")
        }
    }

    @Test("what is asked often and under locks walks an index of its own")
    func indexes() async throws {
        try await TestDatabase.withMigrated { database in
            let team = ID<Team>()
            let cases: [(SQL, [String])] = [
                (JobStore.jobCountsStatement, ["jobs_active_idx", "jobs_ended_at_idx"]),
                (BillingStore.reservedStatement(team), ["Index Only Scan using jobs_active_idx", "charges_pkey"]),
                (BillingPeriodRecord.storedStatement(team), ["Index Only Scan using videos_stored_idx"]),
                (
                    MeasurementStore.ratesStatement("GPU"),
                    ["Limit", "Scan Backward using product_measurements_device_product_created_at_idx"]
                ),
            ]
            for (statement, parts) in cases {
                let plan = try await Self.plan(statement, in: database)
                for part in parts { #expect(plan.contains(part), "\(plan)") }
                #expect(!plan.contains("Seq Scan"), "\(plan)")
            }
        }
    }

    @Test("a page of a list is walked along an index, whether the reader has one team or a few", arguments: [1, 3])
    func lists(teams: Int) async throws {
        try await TestDatabase.withMigrated { database in
            let scope = TeamScope(teams: (0..<teams).map { _ in ID<Team>() })
            let page = PageRequest(direction: .descending)
            for table in ["webhook_events", "webhooks", "audit_log"] {
                let others: [SQL] = table == "audit_log" ? ["l.team_id IS NULL AND l.user_id = \(ID<User>())"] : []
                let rows = TeamRows(of: table, "l", scope, or: others)
                let plan = try await Self.plan(rows.page("l.id", alias: "l", page, end: 10), in: database)
                #expect(!plan.contains("Seq Scan") && !plan.contains("Sort  (cost"), "\(plan)")
            }
        }
    }

    @Test("pages of a list of several teams and of the reader alone are those of the list sorted whole")
    func pages() async throws {
        try await Fixture.with { fixture in
            let other = try await Fixture.makeAccount(fixture.pool, "other@example.com")
            let stranger = try await Fixture.makeAccount(fixture.pool, "stranger@example.com")
            let (user, teams) = (fixture.account.user.id, [fixture.account.team.id, other.team.id])
            let owners: [ID<Team>?] = [teams[0], teams[1], nil, stranger.team.id]
            try await fixture.pool.run { connection in
                for place in 0..<40 {
                    try connection.execute(
                        """
                        INSERT INTO audit_log (id, created_at, team_id, actor, user_id, operation)
                        VALUES (gen_random_uuid(), now() - make_interval(secs => \(Double(place * 7 % 20))), \(owners[place % 4]), 'USER',
                            \(place % 8 < 4 ? user : stranger.user.id), 'test')
                        """)
                }
            }
            let store = AuditStore(pool: fixture.pool)
            let all: [ID<AuditEntry>] = try await fixture.pool.run {
                try $0.values(
                    """
                    SELECT id FROM audit_log WHERE team_id = ANY(\(teams)) OR (team_id IS NULL AND user_id = \(user))
                    ORDER BY created_at DESC, id DESC
                    """)
            }
            var listed: [ID<AuditEntry>] = []
            for number in 0...all.count / 7 {
                let request = PageRequest(number: number, size: 7, direction: .descending)
                let page = try await store.list(scope: TeamScope(teams: teams), user: user, page: request)
                #expect(page.total == all.count)
                listed += page.items.map(\.id)
            }
            #expect(listed == all)
            let foreign = try await store.list(scope: TeamScope(teams: teams), user: user, team: stranger.team.id, page: PageRequest())
            #expect(foreign.total == 0 && foreign.items.isEmpty)
        }
    }
}
