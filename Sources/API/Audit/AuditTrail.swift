import Domain
import FoundationEssentials
import HTTP
import Logging
import Primitives
import Store
import Telemetry

/// Whoever asks for a change.
protocol AuditedCaller: Sendable {
    var auditedUser: ID<User> { get }
    var auditedKey: ID<APIKey>? { get }
    /// Teams whose log may be written; empty for changes that concern the user alone.
    var auditedTeams: [ID<Team>] { get }
}

extension APIKeyStore.Caller: AuditedCaller {
    var auditedUser: ID<User> { user }
    var auditedKey: ID<APIKey>? { key }
    var auditedTeams: [ID<Team>] { teams }
}

extension UserRecord: AuditedCaller {
    var auditedUser: ID<User> { id }
    var auditedKey: ID<APIKey>? { nil }
    var auditedTeams: [ID<Team>] { [] }
}

/// The step in front of every operation that changes something: has it written down who asked for what, in the transaction
/// of the change itself, and notes the answer's status afterwards. What is refused leaves no entry.
struct AuditTrail<Caller: AuditedCaller>: Middleware {
    let audit: AuditStore
    /// Method and route.
    let operation: String
    let observer: Observer

    func respond(
        to request: HTTPRequest, context caller: Caller, next: @Sendable (HTTPRequest, Caller) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let change = RequestedChange(
            user: caller.auditedUser, key: caller.auditedKey, request: request.id.uuid, remoteAddress: request.remoteAddress,
            operation: operation, path: request.path, subjects: request.segments.compactMap { UUID(uuidString: $0) },
            teams: Self.teams(request, caller))
        var scope = RequestScope.current
        scope.change = change
        let response: HTTPResponse
        do {
            response = try await RequestScope.$current.withValue(scope) { try await next(request, caller) }
        } catch {
            let status = APIError(converting: error)?.status.code ?? 500
            await note(change) { try await audit.fail(change, status: status) }
            throw error
        }
        let status = response.status.code
        let made = status < 400 ? Self.ids(in: response) : []
        await note(change) {
            if status < 400 {
                try await audit.complete(change, status: status, made: made)
            } else {
                try await audit.fail(change, status: status)
            }
        }
        return response
    }

    /// The change itself, and its entry, are made by then: when this fails, the entry stays without a status, and the answer
    /// stands. In a task of its own, because a client that is gone by now has cancelled that of its request.
    private func note(_ change: RequestedChange, _ body: @escaping @Sendable () async throws -> Void) async {
        do { try await Task { try await body() }.value } catch {
            observer.logger.error("audit entry not completed", metadata: ["entry": "\(change.id)", "error": "\(error)"])
        }
    }

    /// The selected team first, where one is.
    private static func teams(_ request: HTTPRequest, _ caller: Caller) -> [ID<Team>] {
        guard let selected = request.query("selectTeamId").flatMap({ ID<Team>($0) }), caller.auditedTeams.contains(selected) else {
            return caller.auditedTeams
        }
        return [selected] + caller.auditedTeams.filter { $0 != selected }
    }

    /// What the answer says was made or changed: its own id, a video's, or a list of ids.
    private static func ids(in response: HTTPResponse) -> [UUID] {
        guard case .bytes(let bytes) = response.body, let json = parsed(bytes) else { return [] }
        let texts: [String?] =
            if case .array(let items) = json { items.map(\.text) } else {
                [json["id"]?.text, json["videoId"]?.text, json["appraisalId"]?.text]
            }
        return texts.compactMap { $0.flatMap { UUID(uuidString: $0) } }
    }

    /// Nil for what is no JSON: such answers name nothing.
    private static func parsed(_ bytes: [UInt8]) -> JSON? {
        do { return try JSON(parsing: bytes) } catch { return nil }
    }
}
