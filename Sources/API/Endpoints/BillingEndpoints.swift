import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store

/// Balances, billing periods and transactions, under the paths of both releases.
struct BillingEndpoints: Sendable {
    let billing: BillingStore
    let teams: TeamStore
    let rateCard: RateCard
    let clock: @Sendable () -> Date

    /// What the two releases have otherwise.
    private enum Flavor: Sendable {
        /// Ranges in days, totals of the whole period.
        case first
        /// Ranges in times, totals of the filtered transactions.
        case second

        var precision: RangeQuery.Precision { self == .first ? .days : .times }
        var totals: TotalsScope { self == .first ? .period : .filtered }
    }

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/account/financial-details", financialDetails)
        try routes.keyed(.get, "/v2/stripe/financial-details", financialDetails)
        for (flavor, base, latest) in [
            (Flavor.first, "/v1/billing-periods", "/transactions"), (.second, "/v2/stripe/billing-periods", "/latest/transactions"),
        ] {
            try routes.keyed(.get, base, periods)
            try routes.keyed(.get, base + "/{id}", period)
            try routes.keyed(.get, base + "/{id}/transactions") { try await transactions($0, $1, flavor) }
            try routes.keyed(.get, base + latest) { try await latestTransactions($0, $1, flavor) }
        }
    }

    @Sendable private func financialDetails(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let selected = try request.reading(known: ["selectTeamId"]) { $0.id("selectTeamId", of: Team.self) }
        let standing = try await billing.standing(of: try caller.team(selected: selected))
        return .json(.ok, standing.payload(by: rateCard))
    }

    @Sendable private func periods(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let known = PageQuery.parameters + ["teamId", "fromDate", "toDate", "endedMode"]
        let (page, team, range, mode) = try request.reading(known: known) { query in
            (query.page(), query.id("teamId", of: Team.self), RangeQuery(.days, query), query.filterMode("endedMode"))
        }
        let found = try await billing.periods(
            scope: caller.scope, team: try caller.filter(team: team), from: range.from, until: range.until, endedMode: mode, page: page)
        return .json(.ok, found.json { $0.payload(by: rateCard) })
    }

    @Sendable private func period(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(.ok, try await find(request, caller).payload(by: rateCard))
    }

    private func find(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> BillingPeriodRecord {
        guard let period = try await billing.period(try request.parameters.value("id"), scope: caller.scope) else {
            throw APIError.notFound(.billingPeriod)
        }
        return period
    }

    /// What the query of a transaction list says.
    private struct Wish: Sendable {
        let page: PageRequest
        let range: RangeQuery
        let mode: PageQuery.Mode
        let video: ID<Video>?

        static func parameters(_ flavor: Flavor) -> [String] {
            ["pageNumber", "pageSize", "sortDirection"] + flavor.precision.parameters + ["processingTransactionsMode", "videoId"]
        }

        init(_ query: QueryReader, _ flavor: Flavor) {
            page = query.page()
            range = RangeQuery(flavor.precision, query)
            mode = query.choice("processingTransactionsMode", of: PageQuery.Mode.self) ?? .include
            video = query.id("videoId", of: Video.self)
        }

        var filter: TransactionFilter {
            TransactionFilter(from: range.from, until: range.until, processingMode: mode.filterMode, video: video)
        }
    }

    private func transactions(_ request: HTTPRequest, _ caller: APIKeyStore.Caller, _ flavor: Flavor) async throws -> HTTPResponse {
        let id: ID<BillingPeriod> = try request.parameters.value("id")
        let wish = try request.reading(known: Wish.parameters(flavor)) { Wish($0, flavor) }
        guard let period = try await billing.period(id, scope: caller.scope) else { throw APIError.notFound(.billingPeriod) }
        return try await transactions(of: period, wish, caller, flavor)
    }

    private func latestTransactions(_ request: HTTPRequest, _ caller: APIKeyStore.Caller, _ flavor: Flavor) async throws -> HTTPResponse {
        let (selected, wish) = try request.reading(known: ["selectTeamId"] + Wish.parameters(flavor)) {
            ($0.id("selectTeamId", of: Team.self), Wish($0, flavor))
        }
        let period = try await billing.latestPeriod(of: try caller.team(selected: selected))
        return try await transactions(of: period, wish, caller, flavor)
    }

    private func transactions(
        of period: BillingPeriodRecord, _ wish: Wish, _ caller: APIKeyStore.Caller, _ flavor: Flavor
    ) async throws -> HTTPResponse {
        guard let team = try await teams.get(period.team, user: caller.user) else { throw APIError.teamNotFound }
        let found = try await billing.transactions(in: period, filter: wish.filter, totals: flavor.totals, page: wish.page)
        let members: [(String, JSON?)] = [
            ("billingPeriod", period.payload(by: rateCard)), ("totals", found.totals.payload),
            ("filterByFromDateTime", .timestamp(wish.range.from ?? team.createdAt)),
            ("filterByToDateTime", .timestamp(wish.range.last ?? clock())),
            ("filterProcessingTransactionsMode", .string(wish.mode.rawValue)), ("filterByVideoId", wish.video?.json),
        ]
        return .json(.ok, try found.page.json { try $0.payload() }.with(members))
    }
}

extension JSON {
    /// The object with more members; those without a value are left out.
    func with(_ more: [(String, JSON?)]) -> JSON {
        guard case .object(var object) = self else { return self }
        for (name, value) in more { if let value { object[name] = value } }
        return .object(object)
    }
}
