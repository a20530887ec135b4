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
    private static let unknownID = "7f0c9a52-8d63-4b0e-9a44-51c2f1f1a001"

    @Test("A malformed id is 400 and names the parameter") func malformedIDs() async throws {
        try await OperationProbe.withAll { api, probes in
            for probe in probes where probe.json["parameters"]?.items?.contains(where: { $0["in"] == .string("path") }) == true {
                guard let first = probe.ids.first, !["agreementId", "fileName"].contains(first) else { continue }
                let answer = try await probe.send(api, probe.filled(with: "not-an-id"), Self.body(of: probe, api), wrong: .malformed)
                #expect(answer.status == 400, "\(probe.method) \(probe.path)")
                #expect(
                    try answer.fields.contains { probe.ids.contains($0) },
                    "\(probe.method) \(probe.path): \(String(decoding: answer.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("A body is 400 where none is taken, but for one that asks for nothing") func unwantedBodies() async throws {
        try await OperationProbe.withAll { api, probes in
            for probe in probes where ![.get, .head].contains(probe.method) && probe.json["requestBody"] == nil {
                let path = probe.filled(with: Self.unknownID)
                for body in [#"{"filters": {"scaler": "DVRES2"}}"#, "[]", "priority=1"] {
                    let answer = try await probe.send(api, path, Array(body.utf8), wrong: .malformed)
                    #expect(answer.status == 400, "\(probe.method) \(probe.path) \(body)")
                    #expect(try answer.errorCode == "INVALID_REQUEST_BODY")
                }
                guard !probe.ids.isEmpty else { continue }
                for body in ["{}", "null"] {
                    let answer = try await probe.send(api, path, Array(body.utf8), wrong: .unknown)
                    #expect(answer.status == 404, "\(probe.method) \(probe.path) \(body)")
                }
            }
        }
    }

    @Test("An unknown id is 404") func unknownIDs() async throws {
        try await OperationProbe.withAll { api, probes in
            for probe in probes where !probe.ids.isEmpty && Self.needsNoMembers(probe, api) {
                let answer = try await probe.send(api, probe.filled(with: Self.unknownID), Self.body(of: probe, api), wrong: .unknown)
                #expect(answer.status == 404, "\(probe.method) \(probe.path): \(String(decoding: answer.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("Query parameters out of range, mistyped, unknown and doubled are 400, all in one answer") func badQueries() async throws {
        try await OperationProbe.withAll { api, probes in
            for probe in probes {
                let parameters = (probe.json["parameters"]?.items ?? []).compactMap { $0["$ref"]?.text }
                    .compactMap { $0.split(separator: "/").last.map(String.init) }.filter { $0 != "Idempotency-Key" }
                var items = ["noSuchParameter=1"]
                var kinds = [BadInput.unknown]
                for name in parameters {
                    let schema = api.description.document["components"]?["parameters"]?[name]?["schema"] ?? .null
                    let bad = Self.badText(schema)
                    items.append("\(name)=\(bad.text)")
                    kinds.append(bad.kind)
                }
                if let name = parameters.first { items.append("\(name)=1") }
                let target = probe.filled(with: Self.unknownID) + "?" + items.joined(separator: "&")
                let answer = try await probe.send(api, target, Self.body(of: probe, api), wrong: kinds)
                #expect(answer.status == 400, "\(probe.method) \(target)")
                let missing = Set(parameters + ["noSuchParameter"]).subtracting(try answer.fields)
                #expect(missing.isEmpty, "\(probe.method) \(target): \(missing)")
            }
        }
    }

    @Test("A body that is no JSON, none at all, of the wrong kind or with unknown members is 400") func badBodies() async throws {
        try await OperationProbe.withAll { api, probes in
            for probe in probes {
                guard let body = probe.json["requestBody"], body["content"]?["application/json"] != nil else { continue }
                let path = probe.filled(with: Self.unknownID)
                let garbage = try await probe.send(api, path, Array("{\"name\":".utf8), wrong: .malformed)
                #expect(try garbage.status == 400 && garbage.errorCode == "INVALID_REQUEST_BODY", "\(probe.method) \(probe.path)")
                if body["required"] == .boolean(true) {
                    let empty = try await probe.send(api, path, [], wrong: .missing)
                    #expect(try empty.status == 400 && empty.errorCode == "MISSING_REQUEST_BODY", "\(probe.method) \(probe.path)")
                }
                let text = try await probe.send(api, path, Array("\"text\"".utf8), wrong: .malformed)
                #expect(try text.status == 400 && text.fields.contains(""), "\(probe.method) \(probe.path)")
                guard Self.shape(of: probe, api)["properties"] != nil else { continue }
                let unknown = try await probe.send(api, path, JSON.members(["noSuchMember": .integer(1)]).utf8, wrong: .unknown)
                #expect(try unknown.status == 400 && unknown.fields.contains("noSuchMember"), "\(probe.method) \(probe.path)")
            }
        }
    }

    @Test("Members that are mistyped or out of range are 400, all in one answer, and so are missing ones") func badMembers() async throws {
        try await OperationProbe.withAll { api, probes in
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
                for (object, kind) in [(mistyped, BadInput.malformed), (outOfRange, .outOfRange)] where object.count > 0 {
                    let answer = try await probe.send(api, path, JSON.object(object).utf8, wrong: kind)
                    #expect(answer.status == 400, "\(probe.method) \(probe.path) \(JSON.object(object))")
                    let fields = try answer.fields.map { String($0.prefix { $0 != "." && $0 != "[" }) }
                    let missing = Set(object.names).subtracting(fields)
                    #expect(missing.isEmpty, "\(probe.method) \(probe.path): \(missing) of \(JSON.object(object))")
                }
                let required = (shape["required"]?.items ?? []).compactMap(\.text)
                if !required.isEmpty {
                    let answer = try await probe.send(api, path, Array("{}".utf8), wrong: .missing)
                    #expect(try answer.status == 400 && Set(required).isSubset(of: answer.fields), "\(probe.method) \(probe.path)")
                }
            }
        }
    }

    // MARK: Values

    /// A body that is right by itself where an empty one is not: an object without members.
    private static func body(of probe: OperationProbe, _ api: APIHarness) -> [UInt8] {
        probe.json["requestBody"]?["required"] == .boolean(true) ? Array("{}".utf8) : []
    }

    private static func needsNoMembers(_ probe: OperationProbe, _ api: APIHarness) -> Bool {
        (shape(of: probe, api)["required"]?.items ?? []).isEmpty
            && probe.json["requestBody"]?["content"]?["application/json"] != nil || probe.json["requestBody"] == nil
    }

    private static func shape(of probe: OperationProbe, _ api: APIHarness) -> JSON {
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

    private static func badText(_ schema: JSON) -> (text: String, kind: BadInput) {
        if let most = schema["maximum"]?.number { return ("\(Int(most) + 1)", .outOfRange) }
        if let most = schema["maxLength"]?.integer { return (String(repeating: "x", count: most + 1), .outOfRange) }
        return ("no%20such", .malformed)
    }
}
