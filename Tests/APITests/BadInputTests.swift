import API
import Credentials
import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// What every operation does with input that cannot be right, made from its own description.
@Suite("Bad input") struct BadInputTests {
    /// One described operation with an id in place of every parameter.
    private struct Probe {
        let method: HTTPMethod
        let path: String
        let json: JSON
        let usesPassword: Bool

        func filled(with id: String) -> String { path.replacing(/\{[^}]*\}/, with: id) }

        var ids: [String] { path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) } }

        func send(_ api: APIHarness, _ path: String, _ bytes: [UInt8]) async throws -> Answer {
            let token = Data("\(APIHarness.email):\(APIHarness.password)".utf8).base64EncodedString()
            let headers: HeaderFields = usesPassword ? [.authorization: "Basic \(token)"] : ["X-API-Key": api.key]
            return try await api.send(method, path, bytes, headers: headers)
        }
    }

    private static let unknownID = "7f0c9a52-8d63-4b0e-9a44-51c2f1f1a001"

    private static func with(_ body: (APIHarness, [Probe]) async throws -> Void) async throws {
        var settings = APISettings()
        settings.signInLimitPerMinute = 100_000
        settings.rateLimitPerMinute = 100_000
        try await APIHarness.with(settings) { api in
            guard case .object(let paths)? = api.description.document["paths"] else { return }
            var probes: [Probe] = []
            for (path, methods) in paths where path.hasPrefix("/v") {
                guard case .object(let operations) = methods else { continue }
                for (name, json) in operations {
                    probes.append(
                        Probe(
                            method: try #require(HTTPMethod(name.uppercased())), path: path, json: json,
                            usesPassword: json["security"]?.items?.first?["password"] != nil))
                }
            }
            let before = try await contents(of: api)
            try await body(api, probes)
            #expect(try await contents(of: api) == before, "nothing may change")
        }
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

    @Test("A malformed id is 400 and names the parameter") func malformedIDs() async throws {
        try await Self.with { api, probes in
            for probe in probes where probe.json["parameters"]?.items?.contains(where: { $0["in"] == .string("path") }) == true {
                guard let first = probe.ids.first, !["agreementId", "fileName"].contains(first) else { continue }
                let answer = try await probe.send(api, probe.filled(with: "not-an-id"), Self.body(of: probe, api))
                #expect(answer.status == 400, "\(probe.method) \(probe.path)")
                #expect(
                    try answer.fields.contains { probe.ids.contains($0) },
                    "\(probe.method) \(probe.path): \(String(decoding: answer.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("An unknown id is 404") func unknownIDs() async throws {
        try await Self.with { api, probes in
            for probe in probes where !probe.ids.isEmpty && Self.needsNoMembers(probe, api) {
                let answer = try await probe.send(api, probe.filled(with: Self.unknownID), Self.body(of: probe, api))
                #expect(answer.status == 404, "\(probe.method) \(probe.path): \(String(decoding: answer.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("Query parameters out of range, mistyped, unknown and doubled are 400, all in one answer") func badQueries() async throws {
        try await Self.with { api, probes in
            for probe in probes {
                let parameters = (probe.json["parameters"]?.items ?? []).compactMap { $0["$ref"]?.text }
                    .compactMap { $0.split(separator: "/").last.map(String.init) }.filter { $0 != "Idempotency-Key" }
                var items = ["noSuchParameter=1"]
                for name in parameters {
                    let schema = api.description.document["components"]?["parameters"]?[name]?["schema"] ?? .null
                    items.append("\(name)=\(Self.badText(schema))")
                }
                if let name = parameters.first { items.append("\(name)=1") }
                let target = probe.filled(with: Self.unknownID) + "?" + items.joined(separator: "&")
                let answer = try await probe.send(api, target, Self.body(of: probe, api))
                #expect(answer.status == 400, "\(probe.method) \(target)")
                let missing = Set(parameters + ["noSuchParameter"]).subtracting(try answer.fields)
                #expect(missing.isEmpty, "\(probe.method) \(target): \(missing)")
            }
        }
    }

    @Test("A body that is no JSON, none at all, of the wrong kind or with unknown members is 400") func badBodies() async throws {
        try await Self.with { api, probes in
            for probe in probes {
                guard let body = probe.json["requestBody"], body["content"]?["application/json"] != nil else { continue }
                let path = probe.filled(with: Self.unknownID)
                let garbage = try await probe.send(api, path, Array("{\"name\":".utf8))
                #expect(try garbage.status == 400 && garbage.errorCode == "INVALID_REQUEST_BODY", "\(probe.method) \(probe.path)")
                if body["required"] == .boolean(true) {
                    let empty = try await probe.send(api, path, [])
                    #expect(try empty.status == 400 && empty.errorCode == "MISSING_REQUEST_BODY", "\(probe.method) \(probe.path)")
                }
                let text = try await probe.send(api, path, Array("\"text\"".utf8))
                #expect(try text.status == 400 && text.fields.contains(""), "\(probe.method) \(probe.path)")
                guard Self.shape(of: probe, api)["properties"] != nil else { continue }
                let unknown = try await probe.send(api, path, JSON.members(["noSuchMember": .integer(1)]).utf8)
                #expect(try unknown.status == 400 && unknown.fields.contains("noSuchMember"), "\(probe.method) \(probe.path)")
            }
        }
    }

    @Test("Members that are mistyped or out of range are 400, all in one answer, and so are missing ones") func badMembers() async throws {
        try await Self.with { api, probes in
            for probe in probes {
                let shape = Self.shape(of: probe, api)
                guard case .object(let properties)? = shape["properties"] else { continue }
                let path = probe.filled(with: Self.unknownID)
                var mistyped = JSONObject()
                var outOfRange = JSONObject()
                for (name, schema) in properties {
                    mistyped[name] = Self.mistyped(schema, api)
                    if let value = Self.outOfRange(schema, api) { outOfRange[name] = value }
                }
                for object in [mistyped, outOfRange] where object.count > 0 {
                    let answer = try await probe.send(api, path, JSON.object(object).utf8)
                    #expect(answer.status == 400, "\(probe.method) \(probe.path) \(JSON.object(object))")
                    let fields = try answer.fields.map { String($0.prefix { $0 != "." && $0 != "[" }) }
                    let missing = Set(object.names).subtracting(fields)
                    #expect(missing.isEmpty, "\(probe.method) \(probe.path): \(missing) of \(JSON.object(object))")
                }
                let required = (shape["required"]?.items ?? []).compactMap(\.text)
                if !required.isEmpty {
                    let answer = try await probe.send(api, path, Array("{}".utf8))
                    #expect(try answer.status == 400 && Set(required).isSubset(of: answer.fields), "\(probe.method) \(probe.path)")
                }
            }
        }
    }

    // MARK: Values

    /// A body that is right by itself where an empty one is not: an object without members.
    private static func body(of probe: Probe, _ api: APIHarness) -> [UInt8] {
        probe.json["requestBody"]?["required"] == .boolean(true) ? Array("{}".utf8) : []
    }

    private static func needsNoMembers(_ probe: Probe, _ api: APIHarness) -> Bool {
        (shape(of: probe, api)["required"]?.items ?? []).isEmpty
            && probe.json["requestBody"]?["content"]?["application/json"] != nil || probe.json["requestBody"] == nil
    }

    private static func shape(of probe: Probe, _ api: APIHarness) -> JSON {
        resolved(probe.json["requestBody"]?["content"]?["application/json"]?["schema"] ?? .null, api)
    }

    private static func resolved(_ schema: JSON, _ api: APIHarness) -> JSON {
        if let variants = schema["anyOf"]?.items, let first = variants.first { return resolved(first, api) }
        guard let path = schema["$ref"]?.text else { return schema }
        return path.split(separator: "/").dropFirst().reduce(api.description.document) { $0[String($1)] ?? .null }
    }

    private static func isOf(_ type: String, _ schema: JSON) -> Bool {
        schema["type"]?.text == type || schema["type"]?.items?.contains(.string(type)) == true
    }

    /// A value of another kind than the schema's.
    private static func mistyped(_ schema: JSON, _ api: APIHarness) -> JSON {
        isOf("boolean", resolved(schema, api)) ? .string("yes") : .boolean(true)
    }

    /// A value of the right kind beyond a limit; nil when there is none.
    private static func outOfRange(_ schema: JSON, _ api: APIHarness) -> JSON? {
        let schema = resolved(schema, api)
        if schema["enum"] != nil { return .string("NO_SUCH_VALUE") }
        if schema["format"] == .string("uuid") { return .string("not-an-id") }
        if let most = schema["maxLength"]?.integer { return .string(String(repeating: "x", count: most + 1)) }
        if let most = schema["maximum"]?.number { return .number(most + 1) }
        if let least = schema["minItems"]?.integer, least > 0 { return .array([]) }
        return nil
    }

    private static func badText(_ schema: JSON) -> String {
        if let most = schema["maximum"]?.number { return "\(Int(most) + 1)" }
        if let most = schema["maxLength"]?.integer { return String(repeating: "x", count: most + 1) }
        return "no%20such"
    }
}
