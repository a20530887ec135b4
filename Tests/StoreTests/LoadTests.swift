import Credentials
import Domain
import Foundation
import Postgres
import Primitives
import TestSupport
import Testing

import Store

@Suite("Load") struct LoadTests {
    /// A team with a project, and a pool that is patient with bulk statements.
    private struct Stage {
        let database: TestDatabase
        let team: ID<Team>
        let user: ID<User>
        let project: ID<Project>

        var videos: VideoStore { VideoStore(pool: database.pool) }
        var scope: TeamScope { TeamScope(team) }

        init(_ database: TestDatabase) async throws {
            self.database = database
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "load@example.com", name: "Load", password: PasswordHash.make("x", cost: .cheap), teamName: "Load")
            team = account.team.id
            user = account.user.id
            project = try #require(try await ProjectStore(pool: database.pool).defaultProject(of: team)).id
        }

        /// Masters named `Reel 1` to `Reel count`, a second after each other.
        func fill(_ count: Int) async throws {
            var patient = database.configuration
            patient.statementTimeout = .seconds(300)
            let filler = ConnectionPool(patient, limit: 1, observer: TestCluster.observer)
            let (team, user, project) = (team, user, project)
            try await filler.run { connection in
                try connection.execute(
                    """
                    INSERT INTO videos (id, created_at, updated_at, team_id, user_id, project_id, kind, name, master_id, upload_status)
                    SELECT id, timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-06-01' - n * interval '1 second',
                        \(team), \(user), \(project), 'master', 'Reel ' || n, id, 'DONE'
                    FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, \(count)) n) rows
                    """)
                // Every hundredth has a clip.
                try connection.execute(
                    """
                    INSERT INTO videos (id, created_at, updated_at, team_id, user_id, project_id, kind, name, master_id, source_id,
                        clip_id)
                    SELECT n.id, v.created_at, v.updated_at, v.team_id, v.user_id, v.project_id, 'clip', v.name || ' clip', v.id, v.id,
                        n.id
                    FROM videos v CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id WHERE v.id IS NOT NULL) n
                    WHERE v.name LIKE 'Reel %00'
                    """)
                try connection.execute("VACUUM ANALYZE videos")
                try connection.execute("ANALYZE video_list_parts")
            }
            await filler.close()
        }
    }

    /// One node of a plan, with those below it.
    private struct PlanNode: Decodable {
        let type: String
        let table: String?
        let rows: Double
        let loops: Double
        let removed: Double?
        let below: [PlanNode]?

        private enum CodingKeys: String, CodingKey {
            case type = "Node Type"
            case table = "Relation Name"
            case rows = "Actual Rows"
            case loops = "Actual Loops"
            case removed = "Rows Removed by Filter"
            case below = "Plans"
        }

        var all: [PlanNode] { [self] + (below ?? []).flatMap(\.all) }

        /// Rows that were looked at.
        var walked: Int { Int(((rows + (removed ?? 0)) * loops).rounded()) }
    }

    private struct Plan: Decodable {
        let plan: PlanNode
        private enum CodingKeys: String, CodingKey { case plan = "Plan" }

        static func nodes(_ document: JSONDocument) throws -> [PlanNode] {
            try JSONDecoder().decode([Plan].self, from: Data(document.text.utf8)).flatMap { $0.plan.all }
        }
    }

    @Test(
        "A page of 100,000 videos is found by its parts, wherever it is: neither it nor the length of the list is walked to",
        .timeLimit(.minutes(5)))
    func plans() async throws {
        try await TestDatabase.withMigrated { database in
            let stage = try await Stage(database)
            try await stage.fill(100_000)
            // Two parts of 512 videos at most, and the page itself.
            let most = 2 * 512 + 100
            var clips = VideoFilter()
            clips.clipMode = .only
            let filters = [
                VideoFilter(), VideoFilter(team: stage.team), VideoFilter(project: stage.project), VideoFilter(clipMode: .exclude),
            ]
            for (filter, pages) in filters.map({ ($0, [0, 2_500, 5_000, 9_900]) }) + [(clips, [0, 50, 99])] {
                for field in [SortField.createdAt, .updatedAt] {
                    for (number, direction) in zip(pages, [SortDirection.ascending, .descending, .ascending, .descending]) {
                        let request = PageRequest(number: number, size: 10, sortBy: field, direction: direction)
                        let (total, page) = try await stage.videos.explainList(scope: stage.scope, filter: filter, page: request)
                        let counted = try Plan.nodes(total)
                        #expect(!counted.contains { $0.table == "videos" }, "\(total)")
                        #expect(counted.map(\.walked).reduce(0, +) <= 4, "\(total)")
                        let walked = try Plan.nodes(page).filter { $0.table == "videos" }
                        #expect(!walked.contains { $0.type == "Seq Scan" }, "\(page)")
                        // Clips lie apart: their page is in ten parts.
                        let limit = filter.clipMode == .only ? 12 * 512 : most
                        #expect(walked.map(\.walked).reduce(0, +) <= limit, "\(filter) \(request): \(page)")
                    }
                }
            }
            let clock = ContinuousClock()
            for number in [0, 5_000, 9_999] {
                let elapsed = try await clock.measure {
                    let page = try await stage.videos.list(
                        scope: stage.scope, filter: VideoFilter(clipMode: .exclude), page: PageRequest(number: number, size: 10))
                    #expect(page.total == 100_000)
                    #expect(page.items.map(\.name) == (number * 10 + 1...number * 10 + 10).map { "Reel \($0)" })
                }
                print("page \(number) of 10,000: \(elapsed)")
            }
            let past = try await stage.videos.list(scope: stage.scope, page: PageRequest(number: 10_100, size: 10))
            #expect(past.items.isEmpty && past.total == 101_000)
        }
    }

    @Test("Pages are those of the plain query while videos come, change and go, also all at once")
    func exactness() async throws {
        try await TestDatabase.withMigrated { database in
            let stage = try await Stage(database)
            try await stage.fill(1_500)
            let pool = database.pool
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for step in 0..<25 {
                            try await pool.transaction { transaction in
                                // The two orders differ; some fall into the middle, and some empty a part.
                                try transaction.execute(
                                    """
                                    UPDATE videos SET updated_at = CASE \(step % 3) WHEN 0 THEN timestamptz '2026-05-31 23:50Z'
                                        ELSE clock_timestamp() END
                                    WHERE name = 'Reel ' || \(worker * 300 + step * 7)
                                    """)
                            }
                            try await pool.transaction { transaction in
                                try transaction.execute("DELETE FROM videos WHERE name = \("Reel \(worker * 300 + step + 1) clip")")
                                try transaction.execute(
                                    """
                                    DELETE FROM videos v WHERE name = \("Reel \(worker * 300 + step + 1)")
                                        AND NOT EXISTS (SELECT FROM videos d WHERE d.source_id = v.id)
                                    """)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for mode in [FilterMode.include, .exclude, .only] {
                for field in [SortField.createdAt, .updatedAt] {
                    for direction in [SortDirection.ascending, .descending] {
                        try await Self.comparePages(stage, mode, field, direction)
                    }
                }
            }
        }
    }

    /// Every page of a list against one plain query of all of it.
    private static func comparePages(_ stage: Stage, _ mode: FilterMode, _ field: SortField, _ direction: SortDirection) async throws {
        let filter = VideoFilter(clipMode: mode)
        let kinds: [String] =
            switch mode {
            case .include: ["master", "clip"]
            case .exclude: ["master"]
            case .only: ["clip"]
            }
        let (column, order) = (field == .createdAt ? "created_at" : "updated_at", direction == .ascending ? "ASC" : "DESC")
        let team = stage.team
        let expected = try await stage.database.pool.run {
            try $0.values(
                """
                SELECT id FROM videos WHERE team_id = \(team) AND kind = ANY(\(kinds))
                ORDER BY \(unescaped: column) \(unescaped: order), id \(unescaped: order)
                """, as: ID<Video>.self)
        }
        var found: [ID<Video>] = []
        for number in 0...(expected.count / 90) {
            let page = try await stage.videos.list(
                scope: stage.scope, filter: filter, page: PageRequest(number: number, size: 90, sortBy: field, direction: direction))
            #expect(page.total == expected.count)
            found += page.items.map(\.id)
        }
        #expect(found == expected, "\(mode) \(field) \(direction)")
    }
}
