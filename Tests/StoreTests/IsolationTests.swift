import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// Everything of one team, asked for by another.
@Suite("Isolation of teams")
struct IsolationTests {
    @Test("reading by id gives nothing")
    func reads() async throws {
        try await Fixture.with { fixture in
            let mine = try await Property(fixture)
            let stranger = try await Fixture.makeAccount(fixture.pool, "stranger@example.com")
            let scope = TeamScope(stranger.team.id)
            let pool = fixture.pool
            #expect(try await VideoStore(pool: pool).get(mine.video, scope: scope) == nil)
            #expect(try await ProjectStore(pool: pool).get(fixture.account.defaultProject.id, scope: scope) == nil)
            #expect(try await ConfigurationStore(pool: pool).get(mine.configuration, scope: scope) == nil)
            #expect(try await WebhookStore(pool: pool).get(mine.webhook, scope: scope) == nil)
            #expect(try await WebhookStore(pool: pool).event(mine.event, scope: scope) == nil)
            #expect(try await TeamStore(pool: pool).get(fixture.account.team.id, user: stranger.user.id) == nil)
            #expect(try await JobStore(pool: pool).jobs(of: mine.video, scope: scope).isEmpty)
            #expect(try await JobStore(pool: pool).report(of: mine.video, scope: scope) == nil)
        }
    }

    @Test("lists hold nothing, also when the other team is asked for by name")
    func lists() async throws {
        try await Fixture.with { fixture in
            let mine = try await Property(fixture)
            let stranger = try await Fixture.makeAccount(fixture.pool, "stranger@example.com")
            let scope = TeamScope(stranger.team.id)
            let team = fixture.account.team.id
            let pool = fixture.pool
            let page = PageRequest(size: 100)
            for filter in [
                VideoFilter(), VideoFilter(team: team), VideoFilter(master: mine.video),
                VideoFilter(project: fixture.account.defaultProject.id),
            ] {
                #expect(try await VideoStore(pool: pool).list(scope: scope, filter: filter, page: page).total == 0)
            }
            for team in [nil, team] {
                #expect(try await ConfigurationStore(pool: pool).list(scope: scope, team: team, page: page).total == 0)
                #expect(try await WebhookStore(pool: pool).list(scope: scope, team: team, page: page).total == 0)
                let filter = WebhookEventFilter(team: team)
                #expect(try await WebhookStore(pool: pool).events(scope: scope, filter: filter, page: page).total == 0)
            }
            #expect(try await ProjectStore(pool: pool).list(scope: scope, team: team, page: page).total == 0)
            #expect(try await ProjectStore(pool: pool).list(scope: scope, page: page).items.map(\.team) == [stranger.team.id])
        }
    }

    @Test("changes are refused as if there were nothing, and change nothing")
    func changes() async throws {
        try await Fixture.with { fixture in
            let mine = try await Property(fixture)
            let stranger = try await Fixture.makeAccount(fixture.pool, "stranger@example.com")
            let scope = TeamScope(stranger.team.id)
            let pool = fixture.pool
            let videos = VideoStore(pool: pool)
            let video = StoreError.notFound(.video)
            await #expect(throws: video) { _ = try await videos.update(mine.video, scope: scope, name: "stolen", description: nil) }
            await #expect(throws: video) { _ = try await videos.delete(mine.video, scope: scope) }
            await #expect(throws: video) { _ = try await videos.derived(of: mine.video, scope: scope, page: PageRequest()) }
            await #expect(throws: video) {
                _ = try await ImportStore(pool: pool).restart(mine.video, scope: scope, skipChecksum: false)
            }
            await #expect(throws: video) { try await ImportStore(pool: pool).abandon(mine.video, scope: scope) }
            let exports = ExportStore(pool: pool)
            await #expect(throws: video) {
                let new = NewExport(video: mine.video, bucket: "abc", objectKey: "k", sealedCredentials: [1], partBytes: 1)
                _ = try await exports.start(new, scope: scope)
            }
            await #expect(throws: video) { _ = try await exports.restart(mine.video, scope: scope) }
            await #expect(throws: video) { try await exports.abandon(mine.video, scope: scope) }
            await #expect(throws: video) {
                let new = NewProcessing(
                    user: stranger.user.id, source: mine.video, name: "n", options: .emptyObject, plan: .emptyObject, segments: [])
                _ = try await JobStore(pool: pool).start(new, scope: scope)
            }
            await #expect(throws: StoreError.notFound(.job)) { try await JobStore(pool: pool).cancel(mine.job, scope: scope) }
            await #expect(throws: StoreError.notFound(.project)) {
                _ = try await ProjectStore(pool: pool).rename(fixture.account.defaultProject.id, scope: scope, to: "x")
            }
            await #expect(throws: StoreError.notFound(.project)) {
                try await ProjectStore(pool: pool).delete(fixture.account.defaultProject.id, scope: scope)
            }
            await #expect(throws: StoreError.notFound(.project)) {
                _ = try await ImportStore(pool: pool).start(
                    NewImport(
                        team: stranger.team.id, user: stranger.user.id, project: fixture.account.defaultProject.id, name: "n",
                        file: AnnouncedFile(name: "f", size: nil, mimeType: nil), request: .emptyObject))
            }
            await #expect(throws: StoreError.notFound(.configuration)) {
                try await ConfigurationStore(pool: pool).delete(mine.configuration, scope: scope)
            }
            let webhook = StoreError.notFound(.webhook)
            let webhooks = WebhookStore(pool: pool)
            await #expect(throws: webhook) { _ = try await webhooks.update(mine.webhook, scope: scope, WebhookChanges()) }
            await #expect(throws: webhook) { _ = try await webhooks.setActive(mine.webhook, scope: scope, false) }
            await #expect(throws: webhook) { try await webhooks.delete(mine.webhook, scope: scope) }
            await #expect(throws: webhook) { _ = try await webhooks.test(mine.webhook, scope: scope, video: ID(), type: nil) }
            #expect(try await videos.get(mine.video, scope: fixture.scope)?.name == "Reel")
            #expect(try await webhooks.get(mine.webhook, scope: fixture.scope)?.isActive == true)
        }
    }

    /// One of everything.
    private struct Property {
        let video: ID<Video>
        let job: ID<Job>
        let configuration: ID<Configuration>
        let webhook: ID<Webhook>
        let event: ID<WebhookEvent>

        init(_ fixture: Fixture) async throws {
            webhook = try await fixture.subscribe().id
            video = try await fixture.startImport().id
            job = try #require(await fixture.jobs.jobs(of: video, scope: fixture.scope).first).id
            configuration = try await ConfigurationStore(pool: fixture.pool).create(
                team: fixture.account.team.id, name: "c", description: nil, options: .emptyObject
            ).id
            event = try #require(
                await fixture.webhooks.events(scope: fixture.scope, filter: WebhookEventFilter(), page: PageRequest()).items.first
            ).id
        }
    }
}
