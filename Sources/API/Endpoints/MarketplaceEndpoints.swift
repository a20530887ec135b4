import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store

/// Agreements with the marketplace and the use of credits: the four operations of release 2.0.
struct MarketplaceEndpoints: Sendable {
    let marketplace: MarketplaceStore
    let billing: BillingStore
    let teams: TeamStore
    let clock: @Sendable () -> Date

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v2/aws-marketplace/subscriptions", list)
        try routes.keyed(.get, "/v2/aws-marketplace/subscriptions/current", current)
        try routes.keyed(.get, "/v2/aws-marketplace/subscriptions/{agreementId}", get)
        try routes.keyed(.get, "/v2/aws-marketplace/credits-usage", creditsUsage)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team) = try request.reading(known: PageQuery.parameters + ["teamId"]) { ($0.page(), $0.id("teamId", of: Team.self)) }
        let found = try await marketplace.list(scope: caller.scope, team: try caller.filter(team: team), page: page)
        return .json(.ok, found.json(\.payload))
    }

    @Sendable private func current(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let selected = try request.reading(known: ["selectTeamId"]) { $0.id("selectTeamId", of: Team.self) }
        let team = try await creditTeam(selected, caller)
        guard let agreement = try await marketplace.current(of: team.id) else {
            throw APIError(StoreConflict.noMarketplaceAgreement)
        }
        return .json(.ok, agreement.payload)
    }

    @Sendable private func get(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        let id: String = try request.parameters.value("agreementId")
        guard let agreement = try await marketplace.get(id, scope: caller.scope) else { throw APIError.notFound(.agreement) }
        return .json(.ok, agreement.payload)
    }

    @Sendable private func creditsUsage(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let known = [
            "selectTeamId", "pageNumber", "pageSize", "sortDirection", "fromDateTime", "toDateTime", "processingCreditsUsageMode",
            "videoId",
        ]
        let (selected, page, range, mode, video) = try request.reading(known: known) { query in
            (
                query.id("selectTeamId", of: Team.self), query.page(), RangeQuery(.times, query),
                query.choice("processingCreditsUsageMode", of: PageQuery.Mode.self) ?? .include, query.id("videoId", of: Video.self)
            )
        }
        let team = try await creditTeam(selected, caller)
        let beginning = try await marketplace.firstLink(of: team.id) ?? team.createdAt
        let filter = TransactionFilter(
            from: range.from ?? beginning, until: range.until, processingMode: mode.filterMode, video: video)
        let found = try await billing.creditsUsage(of: team.id, filter: filter, page: page)
        let members: [(String, JSON?)] = [
            ("teamId", team.id.json), ("totals", found.totals.creditsPayload),
            ("filterByFromDateTime", .timestamp(range.from ?? beginning)), ("filterByToDateTime", .timestamp(range.last ?? clock())),
            ("filterProcessingCreditsUsageMode", .string(mode.rawValue)), ("filterByVideoId", video?.json),
        ]
        return .json(.ok, try found.page.json { try $0.creditsPayload() }.with(members))
    }

    /// The team of the request, which must be billed in credits.
    private func creditTeam(_ selected: ID<Team>?, _ caller: APIKeyStore.Caller) async throws -> TeamRecord {
        guard let team = try await teams.get(try caller.team(selected: selected), user: caller.user) else { throw APIError.teamNotFound }
        guard team.billingType == .marketplace else {
            throw APIError(
                .conflict, .teamNotBilledThroughAWSMarketplace, "The team is billed in dollars, not in credits through the marketplace.")
        }
        return team
    }
}
