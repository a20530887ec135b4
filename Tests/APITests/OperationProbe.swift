import API
import Domain
import Foundation
import HTTP
import Postgres
import TestSupport
import Testing

/// One operation as the served document describes it, to be asked with input that cannot be right.
struct OperationProbe {
    let method: HTTPMethod
    let path: String
    let json: JSON
    let usesPassword: Bool

    func filled(with id: String) -> String { path.replacing(/\{[^}]*\}/, with: id) }

    /// Names of the parameters in the path.
    var ids: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

    /// Names of the parameters in the query.
    var queryNames: [String] {
        (json["parameters"]?.items ?? []).compactMap { $0["$ref"]?.text }.compactMap { $0.split(separator: "/").last.map(String.init) }
            .filter { $0 != "Idempotency-Key" }
    }

    func send(
        _ api: APIHarness, _ path: String, _ bytes: [UInt8], headers: HeaderFields = [:], wrong: BadInput...
    ) async throws -> Answer {
        try await send(api, path, bytes, headers: headers, wrong: wrong)
    }

    /// As the account, unless the headers say otherwise.
    func send(
        _ api: APIHarness, _ path: String, _ bytes: [UInt8], headers: HeaderFields = [:], wrong kinds: [BadInput]
    ) async throws -> Answer {
        var all: HeaderFields = usesPassword ? [.authorization: "Basic \(APIHarness.basicToken)"] : ["X-API-Key": api.key]
        for field in headers { all[field.name] = field.value }
        return try await BadInput.$kinds.withValue(kinds) { try await api.send(method, path, bytes, headers: all) }
    }

    /// Runs `body` with every versioned operation, in an installation that `prepare` has filled; nothing may change by it.
    static func withAll<Stage>(
        preparing prepare: (APIHarness) async throws -> Stage, _ body: (APIHarness, [OperationProbe], Stage) async throws -> Void
    ) async throws {
        var settings = APISettings()
        settings.signInLimitPerMinute = 100_000
        settings.rateLimitPerMinute = 100_000
        try await APIHarness.with(settings) { api in
            guard case .object(let paths)? = api.description.document["paths"] else { return }
            var probes: [OperationProbe] = []
            for (path, methods) in paths where path.hasPrefix("/v") {
                guard case .object(let operations) = methods else { continue }
                for (name, json) in operations {
                    probes.append(
                        OperationProbe(
                            method: try #require(HTTPMethod(name.uppercased())), path: path, json: json,
                            usesPassword: json["security"]?.items?.first?["password"] != nil))
                }
            }
            let stage = try await prepare(api)
            let before = try await contents(of: api)
            try await body(api, probes, stage)
            #expect(try await contents(of: api) == before, "nothing may change")
        }
    }

    static func withAll(_ body: (APIHarness, [OperationProbe]) async throws -> Void) async throws {
        try await withAll(preparing: { _ in }) { api, probes, _ in try await body(api, probes) }
    }

    /// A digest of every row, without what every request touches.
    private static func contents(of api: APIHarness) async throws -> [String] {
        try await api.database.pool.run { connection in
            let tables = try connection.values(
                "SELECT relname::text FROM pg_stat_user_tables WHERE relname NOT IN ('api_keys', 'schema_migrations') ORDER BY 1",
                as: String.self)
            return try tables.map { table in
                let digest = try connection.value(
                    "SELECT coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM \(unescaped: table) t", as: String.self)
                return "\(table) \(digest ?? "")"
            }
        }
    }
}
