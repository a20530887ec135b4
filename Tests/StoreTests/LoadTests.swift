import Credentials
import Domain
import Foundation
import Postgres
import Primitives
import TestSupport
import Testing

import Store

@Suite("Load") struct LoadTests {
    @Test("Pages of 100,000 videos are read along the index: the last as fast as the first, the middle not much slower")
    func pages() async throws {
        try await TestDatabase.withMigrated { database in
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "load@example.com", name: "Load", password: PasswordHash.make("x", cost: .cheap), teamName: "Load")
            let team = account.team.id
            let project = try #require(try await ProjectStore(pool: database.pool).defaultProject(of: team)).id
            var patient = database.configuration
            patient.statementTimeout = .seconds(300)
            let filler = ConnectionPool(patient, limit: 1, observer: TestCluster.observer)
            try await filler.run { connection in
                try connection.execute(
                    """
                    INSERT INTO videos (id, created_at, team_id, user_id, project_id, kind, name, master_id, upload_status)
                    SELECT id, timestamptz '2026-01-01' + n * interval '1 second', \(team), \(account.user.id), \(project), 'master',
                        'Reel ' || n, id, 'DONE'
                    FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, 100000) n) rows
                    """)
                try connection.execute("VACUUM ANALYZE videos")
            }
            await filler.close()
            let videos = VideoStore(pool: database.pool)
            let scope = TeamScope(team)
            for field in [SortField.createdAt, .updatedAt] {
                for number in [0, 2500, 4999, 9999] {
                    let plan = try await videos.explainList(scope: scope, page: PageRequest(number: number, size: 10, sortBy: field))
                    #expect(plan.contains("Index Only Scan") && plan.contains("videos_team_id_"), "\(plan)")
                    #expect(!plan.contains("Seq Scan on videos"), "\(plan)")
                }
            }
            let clock = ContinuousClock()
            func time(_ number: Int) async throws -> Duration {
                var best: Duration = .seconds(1000)
                for _ in 1...5 {
                    let elapsed = try await clock.measure {
                        let page = try await videos.list(scope: scope, page: PageRequest(number: number, size: 10))
                        #expect(page.total == 100_000 && page.items.count == 10)
                    }
                    best = min(best, elapsed)
                }
                return best
            }
            let (first, middle, last) = (try await time(0), try await time(4999), try await time(9999))
            // Generous: the machine is busy. Ten times the first page would be a scan of the table.
            #expect(last < first * 3 + .milliseconds(20), "first \(first), last \(last)")
            #expect(middle < first * 10 + .milliseconds(50), "first \(first), middle \(middle)")
            let page = try await videos.list(scope: scope, page: PageRequest(number: 9999, size: 10))
            #expect(page.items.map(\.name) == (99_991...100_000).map { "Reel \($0)" })
            let past = try await videos.list(scope: scope, page: PageRequest(number: 10_000, size: 10))
            #expect(past.items.isEmpty && past.total == 100_000)
            print("first \(first), middle \(middle), last \(last)")
        }
    }
}
