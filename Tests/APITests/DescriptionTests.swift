import API
import Domain
import Foundation
import HTTP
import Testing

@Suite("The served description") struct DescriptionTests {
    @Test("Every operation of the contract that is served is described with all its parameters, bodies and statuses")
    func agreesWithTheContract() async throws {
        try await APIHarness.with { api in
            let contract = try Contract.shared.get()
            for operation in contract.operations {
                guard let described = api.description.document["paths"]?[operation.path]?[operation.method.lowercased()] else { continue }
                #expect(described["operationId"]?.text == operation.id)
                let wanted = Set((operation.json["parameters"]?.items ?? []).compactMap { $0["name"]?.text })
                let there = Set((described["parameters"]?.items ?? []).compactMap { Self.name($0) })
                #expect(wanted.isSubset(of: there), "\(operation.id): \(wanted.subtracting(there))")
                guard case .object(let statuses)? = operation.json["responses"], case .object(let answers)? = described["responses"] else {
                    Issue.record("\(operation.id) has no answers")
                    continue
                }
                #expect(Set(statuses.names).isSubset(of: answers.names), "\(operation.id)")
                #expect((operation.json["requestBody"] == .null) == (described["requestBody"] == nil), "\(operation.id)")
            }
        }
    }

    @Test("Every shape of the contract is described with the same members, required ones included")
    func shapesAgreeWithTheContract() async throws {
        try await APIHarness.with { api in
            let schemas = try #require(api.description.document["components"]?["schemas"])
            for (name, shape) in try Contract.shared.get().flatShapes() {
                let described = try #require(schemas[name], "\(name) is not described")
                guard described["properties"] != nil else { continue }
                let members = described["properties"].map(Self.names) ?? []
                #expect(Set(shape.members).isSubset(of: members), "\(name): \(Set(shape.members).subtracting(members))")
                let required = Set((described["required"]?.items ?? []).compactMap(\.text))
                #expect(Set(shape.required).isSubset(of: required), "\(name): \(Set(shape.required).subtracting(required))")
            }
        }
    }

    @Test("The query parameters that operations know are those described")
    func queryParametersAgree() async throws {
        var settings = APISettings()
        settings.signInLimitPerMinute = 100_000
        try await APIHarness.with(settings) { api in
            guard case .object(let paths)? = api.description.document["paths"] else { return }
            for (path, methods) in paths {
                guard case .object(let operations) = methods, path.hasPrefix("/v") else { continue }
                for (name, operation) in operations {
                    let method = try #require(HTTPMethod(name.uppercased()))
                    let known = try await Self.knownParameters(api, method, path, operation)
                    let described = (operation["parameters"]?.items ?? []).filter { Self.isQuery($0, api) }.compactMap { Self.name($0) }
                    #expect(Set(known) == Set(described), "\(method) \(path)")
                }
            }
        }
    }

    /// What the server says it knows when it is asked for something it does not.
    private static func knownParameters(_ api: APIHarness, _ method: HTTPMethod, _ path: String, _ operation: JSON) async throws -> [String]
    {
        let id = "7f0c9a52-8d63-4b0e-9a44-51c2f1f1a001"
        let filled = path.replacing(/\{[^}]*\}/, with: id) + "?noSuchParameter=1"
        let body: JSON? = operation["requestBody"].map { _ in .members([:]) }
        let usesPassword = operation["security"]?.items?.first?["password"] != nil
        let answer =
            usesPassword ? try await api.signedIn(method, filled, body) : try await api.call(method, filled, body)
        let problem = try answer.json["validationErrors"]?.items?.first { $0["field"]?.text == "noSuchParameter" }
        let message = try #require(problem?["message"]?.text, "\(method) \(path): \(String(decoding: answer.bytes, as: UTF8.self))")
        guard let list = message.split(separator: "known are ").dropFirst().first else { return [] }
        return list.split(separator: ", ").map(String.init)
    }

    @Test("The document is served without a key, and every reference in it leads somewhere")
    func referencesResolve() async throws {
        try await APIHarness.with { api in
            let served = try await api.send(.get, "/api/openapi.json", expecting: 200)
            #expect(try served.json == api.description.document)
            var dangling: [String] = []
            func visit(_ value: JSON) {
                if let path = value["$ref"]?.text,
                    path.split(separator: "/").dropFirst().reduce(api.description.document, { $0[String($1)] ?? .null }) == .null
                {
                    dangling.append(path)
                }
                switch value {
                case .object(let members): for (_, member) in members { visit(member) }
                case .array(let items): items.forEach(visit)
                default: break
                }
            }
            visit(api.description.document)
            #expect(dangling.isEmpty)
            #expect(api.description.document["openapi"] == .string("3.1.0"))
        }
    }

    @Test("The page for readers names every operation and loads nothing")
    func pageIsSelfContained() async throws {
        try await APIHarness.with { api in
            for path in ["/docs", "/api/docs"] {
                let answer = try await api.send(.get, path, expecting: 200)
                let page = String(decoding: answer.bytes, as: UTF8.self)
                #expect(page.contains("getVideoById") && page.contains("schema-VideosPage"))
                #expect(!page.contains("<script") && !page.contains("src=") && !page.contains("http://") && !page.contains("https://"))
                #expect(answer.response.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
            }
        }
    }

    private static func names(_ object: JSON) -> Set<String> {
        guard case .object(let members) = object else { return [] }
        return Set(members.names)
    }

    private static func name(_ parameter: JSON) -> String? {
        parameter["name"]?.text ?? parameter["$ref"]?.text?.split(separator: "/").last.map(String.init)
    }

    private static func isQuery(_ parameter: JSON, _ api: APIHarness) -> Bool {
        let shared = name(parameter).flatMap { api.description.document["components"]?["parameters"]?[$0] }
        return (parameter["$ref"] == nil ? parameter : shared)?["in"] == .string("query")
    }
}
