import Domain
import FoundationEssentials
import HTTP
import Primitives
import Store

/// Beyond the contract: who changed what, and when.
struct AuditEndpoints: Sendable {
    let audit: AuditStore

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/audit-log", list)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        let (page, team, range) = try request.reading(known: PageQuery.parameters + ["teamId", "fromDateTime", "toDateTime"]) { query in
            (query.page(), query.id("teamId", of: Team.self), RangeQuery(.times, query))
        }
        let found = try await audit.list(
            scope: caller.scope, user: caller.user, team: try caller.filter(team: team), from: range.from, until: range.until, page: page)
        return .json(.ok, found.json(\.payload))
    }
}

extension AuditRecord {
    /// One entry as the API shows it.
    var payload: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": team?.json,
            "actor": .string(actor.rawValue), "userId": user?.json, "apiKeyId": key?.json,
            "requestId": request.map { .string($0.uuidString.lowercased()) }, "remoteAddress": remoteAddress.map { .string($0) },
            "operation": .string(operation), "path": path.map { .string($0) },
            "subjectIds": .array(subjects.map { .string($0.uuidString.lowercased()) }), "statusCode": status.map { .integer(Int64($0)) },
        ])
    }
}
