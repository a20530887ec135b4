import Credentials
import Domain
import Foundation
import Postgres
import Primitives
import TestSupport
import Testing

import Store

@Suite("Load") struct LoadTests {
    /// A team with a project, filled by a pool that is patient with bulk statements.
    private struct Stage {
        let database: TestDatabase
        let team: ID<Team>
        let user: ID<User>
        let project: ID<Project>

        var videos: VideoStore { VideoStore(pool: database.pool) }
        var scope: TeamScope { TeamScope(team) }

        init(_ database: TestDatabase, _ name: String = "load") async throws {
            self.database = database
            let account = try await AccountStore(pool: database.pool).createAccount(
                email: "\(name)@example.com", name: "Load", password: PasswordHash.make("x", cost: .cheap), teamName: "Load")
            team = account.team.id
            user = account.user.id
            project = try #require(try await ProjectStore(pool: database.pool).defaultProject(of: team)).id
        }

        /// Masters named `Reel 1` to `Reel count`, so many seconds after each other.
        func fill(_ count: Int, seconds: Int = 1) async throws {
            var patient = database.configuration
            patient.statementTimeout = .seconds(300)
            let filler = ConnectionPool(patient, limit: 1, observer: TestCluster.observer)
            let (team, user, project) = (team, user, project)
            try await filler.run { connection in
                try connection.execute(
                    """
                    INSERT INTO videos (id, created_at, updated_at, team_id, user_id, project_id, kind, name, master_id, upload_status)
                    SELECT id, timestamptz '2026-01-01' + n * \(seconds) * interval '1 second',
                        timestamptz '2026-06-01' - n * \(seconds) * interval '1 second', \(team), \(user), \(project), 'master', 'Reel ' || n, id, 'DONE'
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
                    WHERE v.name LIKE 'Reel %00' AND v.team_id = \(team)
                    """)
                try connection.execute("VACUUM ANALYZE videos")
                try connection.execute("ANALYZE video_list_parts")
            }
            await filler.close()
        }

        /// A master with one clip and so many clips of it, less one.
        func derive(_ count: Int) async throws -> (id: ID<Video>, clip: ID<Video>) {
            let (master, clip) = (ID<Video>(), ID<Video>())
            let (team, user, project) = (team, user, project)
            try await database.pool.run { connection in
                try connection.execute(
                    """
                    INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, upload_status)
                    VALUES (\(master), \(team), \(user), \(project), 'master', 'Original', \(master), 'DONE')
                    """)
                try connection.execute(
                    """
                    INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, source_id, clip_id)
                    SELECT CASE n WHEN 1 THEN \(clip) ELSE gen_random_uuid() END, \(team), \(user), \(project), 'clip', 'Clip ' || n,
                        \(master), CASE n WHEN 1 THEN \(master) ELSE \(clip) END, \(clip)
                    FROM generate_series(1, \(count)) n
                    """)
                try connection.execute("ANALYZE videos")
                try connection.execute("ANALYZE video_list_parts")
            }
            return (master, clip)
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
            var clips = VideoFilter()
            clips.clipMode = .only
            let filters = [
                VideoFilter(), VideoFilter(team: stage.team), VideoFilter(project: stage.project), VideoFilter(clipMode: .exclude),
            ]
            for (filter, pages) in filters.map({ ($0, [0, 2_500, 5_000, 9_900]) }) + [(clips, [0, 50, 99])] {
                for field in [SortField.createdAt, .updatedAt] {
                    for (number, direction) in zip(pages, [SortDirection.ascending, .descending, .ascending, .descending]) {
                        let request = PageRequest(number: number, size: 10, sortBy: field, direction: direction)
                        // Clips lie apart: their page is in ten parts.
                        try await Self.check(
                            stage, stage.scope, filter, request, rows: filter.clipMode == .only ? 12 * 512 : 2 * 512 + 100)
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

    /// Asserts that neither a page nor the length of its list is walked to: at most so many rows of videos are looked at.
    private static func check(_ stage: Stage, _ scope: TeamScope, _ filter: VideoFilter, _ request: PageRequest, rows: Int) async throws {
        let (total, page) = try await stage.videos.explainList(scope: scope, filter: filter, page: request)
        let counted = try Plan.nodes(total)
        #expect(counted.filter { $0.table == "videos" }.map(\.walked).reduce(0, +) <= 1, "\(total)")
        #expect(counted.map(\.walked).reduce(0, +) <= 3 + 2 * scope.teams.count, "\(total)")
        let walked = try Plan.nodes(page).filter { $0.table == "videos" }
        #expect(!walked.contains { $0.type == "Seq Scan" }, "\(page)")
        #expect(walked.map(\.walked).reduce(0, +) <= rows, "\(filter) \(request): \(page)")
    }

    @Test("So is a page of several teams with 100,000 videos together, and one where two filters meet", .timeLimit(.minutes(5)))
    func meetingPlans() async throws {
        try await TestDatabase.withMigrated { database in
            let (large, small, tiny) = (
                try await Stage(database), try await Stage(database, "small"), try await Stage(database, "tiny")
            )
            try await large.fill(70_000)
            try await small.fill(30_000, seconds: 3)
            try await tiny.fill(100, seconds: 7)
            let scope = TeamScope(teams: [large.team, small.team, tiny.team])
            let clock = ContinuousClock()
            for (mode, pages) in [
                (FilterMode.include, [0, 2_500, 5_000, 10_100]), (.exclude, [1, 4_000, 9_999, 7_000]), (.only, [0, 50, 99, 100]),
            ] {
                for field in [SortField.createdAt, .updatedAt] {
                    for (number, direction) in zip(pages, [SortDirection.ascending, .descending, .ascending, .descending]) {
                        let request = PageRequest(number: number, size: 10, sortBy: field, direction: direction)
                        // At either end of the page each list has a part that lies across it; the page itself is in one more, and
                        // one where clips are concerned, of which a part has five, in a few more.
                        let parts = 2 * scope.teams.count + (mode == .only ? 12 : 2)
                        try await Self.check(large, scope, VideoFilter(clipMode: mode), request, rows: parts * 512 + 100)
                    }
                }
            }
            let elapsed = try await clock.measure {
                let page = try await large.videos.list(
                    scope: scope, filter: VideoFilter(clipMode: .exclude), page: PageRequest(number: 5_000, size: 10))
                #expect(page.total == 100_100)
            }
            print("page 5,000 of 10,010 over three teams: \(elapsed)")

            let master = try await large.derive(5_000)
            let lists = [
                VideoFilter(project: large.project, master: master.id), VideoFilter(team: large.team, master: master.id),
                VideoFilter(project: large.project, clip: master.clip), VideoFilter(master: master.id, clip: master.clip),
                VideoFilter(team: large.team, project: large.project, master: master.id, clip: master.clip, clipMode: .only),
            ]
            for filter in lists {
                for (number, direction) in zip([0, 250, 499], [SortDirection.ascending, .descending, .ascending]) {
                    let request = PageRequest(number: number, size: 10, direction: direction)
                    try await Self.check(large, scope, filter, request, rows: 2 * 512 + 101)
                }
                #expect(try await large.videos.list(scope: scope, filter: filter, page: PageRequest()).total == 5_000)
            }
            for filter in [
                VideoFilter(project: small.project, master: master.id), VideoFilter(team: small.team, clip: master.clip),
                VideoFilter(project: small.project, clip: master.clip), VideoFilter(master: ID(), clip: master.clip),
            ] {
                #expect(try await large.videos.list(scope: scope, filter: filter, page: PageRequest()).total == 0)
            }
        }
    }

    @Test("Pages are those of the plain query while videos come, change and go, also all at once")
    func exactness() async throws {
        try await TestDatabase.withMigrated { database in
            let stage = try await Stage(database)
            let other = try await Stage(database, "other")
            try await stage.fill(1_500)
            // Every other one at the time of one of the first team's.
            try await other.fill(900, seconds: 2)
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
            let both = TeamScope(teams: [stage.team, other.team, ID()])
            for (scope, mode) in [
                (stage.scope, FilterMode.include), (stage.scope, .only), (both, .include), (both, .exclude), (both, .only),
            ] {
                for field in [SortField.createdAt, .updatedAt] {
                    for direction in [SortDirection.ascending, .descending] {
                        try await Self.comparePages(stage, scope, mode, field, direction)
                    }
                }
            }
        }
    }

    /// Every page of a list against one plain query of all of it.
    private static func comparePages(
        _ stage: Stage, _ scope: TeamScope, _ mode: FilterMode, _ field: SortField, _ direction: SortDirection
    ) async throws {
        let filter = VideoFilter(clipMode: mode)
        let kinds: [String] =
            switch mode {
            case .include: ["master", "clip"]
            case .exclude: ["master"]
            case .only: ["clip"]
            }
        let (column, order) = (field == .createdAt ? "created_at" : "updated_at", direction == .ascending ? "ASC" : "DESC")
        let expected = try await stage.database.pool.run {
            try $0.values(
                """
                SELECT id FROM videos WHERE team_id = ANY(\(scope.teams)) AND kind = ANY(\(kinds))
                ORDER BY \(unescaped: column) \(unescaped: order), id \(unescaped: order)
                """, as: ID<Video>.self)
        }
        var found: [ID<Video>] = []
        for number in 0...(expected.count / 90) {
            let page = try await stage.videos.list(
                scope: scope, filter: filter, page: PageRequest(number: number, size: 90, sortBy: field, direction: direction))
            #expect(page.total == expected.count)
            found += page.items.map(\.id)
        }
        #expect(found == expected, "\(mode) \(field) \(direction)")
    }
}
