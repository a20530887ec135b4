import Domain

/// The OpenAPI 3.1 document of the operations that are served: routes from the router, enumerations from the code's types,
/// shapes and texts from `Contract/`.
struct OpenAPIDocument {
    let json: JSON
    let operations: [RegisteredOperation]

    /// - Parameters:
    ///   - operations: as registered; the document lists them in the order of the definition.
    ///   - address: one that each request names makes the document's relative.
    init(_ operations: [RegisteredOperation], definition: APIDefinition, address: PublicAddress) {
        let order = Dictionary(uniqueKeysWithValues: definition.operations.names.enumerated().map { ($1, $0) })
        self.operations = operations.sorted {
            order["\($0.method) \($0.path)", default: .max] < order["\($1.method) \($1.path)", default: .max]
        }
        var paths = JSONObject()
        for operation in self.operations {
            var methods = JSONObject()
            if case .object(let there)? = paths[operation.path] { methods = there }
            methods["\(operation.method)".lowercased()] = Self.describe(operation)
            paths[operation.path] = .object(methods)
        }
        var tags: [String] = []
        for tag in self.operations.compactMap({ $0.entry["tag"]?.text }) where !tags.contains(tag) { tags.append(tag) }
        json = .members([
            "openapi": .string("3.1.0"),
            "info": .members([
                "title": .string("Remaster"), "version": .string("2.0.0"),
                "description": .string(
                    "Video restoration and remastering. Serves clients of releases 1.0.1 and 2.0.0; what is beyond them is additive."),
            ]),
            "servers": .array([.members(["url": .string((address.url ?? "") + "/api")])]),
            "tags": .array(tags.map { .members(["name": .string($0)]) }),
            "paths": .object(paths),
            "components": .members([
                "securitySchemes": .members([
                    "apiKey": .members(["type": .string("apiKey"), "in": .string("header"), "name": .string("X-API-Key")]),
                    "password": .members(["type": .string("http"), "scheme": .string("basic")]),
                ]),
                "parameters": .object(
                    JSONObject(definition.parameters.map { ($0, Self.queryParameter($0, $1)) } + [("Idempotency-Key", Self.idempotencyKey)])
                ),
                "headers": .object(JSONObject(Self.headers.map { ($0, Self.header($1)) })),
                "responses": .object(JSONObject(Self.refusals.map { ("Refusal\($0)", Self.refusal($0, $1)) })),
                "schemas": .object(
                    JSONObject(
                        (definition.schemas.map { ($0, $1) } + Enumerations.schemas.map { ($0.name, $0.schema) }).sorted { $0.0 < $1.0 })),
            ]),
        ])
    }

    private static func describe(_ operation: RegisteredOperation) -> JSON {
        let entry = operation.entry
        var parameters = pathParameters(operation)
        for case let name? in (entry["query"]?.elements ?? []).map({ $0?.text }) { parameters.append(reference("parameters", name)) }
        if operation.takesIdempotencyKey { parameters.append(reference("parameters", "Idempotency-Key")) }
        let security: JSON =
            switch operation.access {
            case .apiKey: .array([.members(["apiKey": .array([])])])
            case .password: .array([.members(["password": .array([])])])
            case .open: .array([])
            }
        return .members([
            "operationId": entry["id"], "tags": entry["tag"].map { .array([$0]) }, "summary": entry["summary"],
            "description": entry["description"], "security": security, "parameters": parameters.isEmpty ? nil : .array(parameters),
            "requestBody": entry["body"].map { requestBody($0) }, "responses": responses(operation),
        ])
    }

    // MARK: Requests

    /// Those of the template that the entry does not describe itself are ids.
    private static func pathParameters(_ operation: RegisteredOperation) -> [JSON] {
        let own = (operation.entry["inline"]?.elements ?? []).compactMap(\.self)
        let described = Set(own.compactMap { $0["name"]?.text })
        let ids = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        return ids.filter { !described.contains($0) }.map { name in
            .members([
                "name": .string(name), "in": .string("path"), "required": .boolean(true),
                "schema": .members(["type": .string("string"), "format": .string("uuid")]),
            ])
        } + own
    }

    private static func queryParameter(_ name: String, _ entry: JSON) -> JSON {
        .members([
            "name": .string(name), "in": .string("query"), "required": .boolean(false), "description": entry["description"],
            "schema": entry["schema"],
        ])
    }

    private static let idempotencyKey = JSON.members([
        "name": .string("Idempotency-Key"), "in": .string("header"), "required": .boolean(false),
        "description": .string(
            "A repeated request with the same key gets the answer of the first for 24 hours. Another request with it is 422, one while "
                + "the first is under way 409; a refused request leaves its key free."),
        "schema": .members([
            "type": .string("string"), "minLength": .integer(1), "maxLength": .integer(255), "pattern": .string("^[!-~]+$"),
        ]),
    ])

    private static func requestBody(_ body: JSON) -> JSON {
        let media = body["media"]?.text ?? "application/json"
        return .members([
            "required": body["required"] ?? .boolean(true),
            "content": .members([:]).with(media, .members(["schema": body["schema"] ?? .members([:])])),
        ])
    }

    // MARK: Answers

    private static let headers: [(String, String)] = [
        ("X-Request-Id", "Identity of the request, also in error answers."),
        ("X-RateLimit-Limit", "Requests a minute."), ("X-RateLimit-Remaining", "Requests left in this minute."),
        ("X-RateLimit-Reset", "Seconds until the minute ends."),
        ("X-RateLimit-Retry-After", "Seconds to wait."), ("Retry-After", "Seconds to wait."),
        ("WWW-Authenticate", "What the server asks for."),
    ]

    private static let refusals: [(Int, String)] = [
        (400, "The request is malformed or breaks a rule; every problem is listed."),
        (401, "API key, e-mail or password is missing or wrong."), (403, "The caller may not do this."),
        (404, "There is no such thing, or it belongs to others."),
        (408, "The client stopped sending."), (409, "The state of things does not allow it."),
        (412, "A condition of the request does not hold."), (413, "The body is too large."), (415, "The body is of another type."),
        (416, "The range is not in the file."), (422, "The idempotency key was used for another request."),
        (429, "The rate limit is used up."), (500, "The request failed for a reason inside the server."),
        (503, "The server cannot work at the moment; try again. With OUTCOME_UNKNOWN the change may have been made."),
        (507, "The disk of the database or of the storage is full; its operator must make room."),
    ]

    private static func header(_ description: String) -> JSON {
        .members(["description": .string(description), "schema": .members(["type": .string("string")])])
    }

    private static func refusal(_ status: Int, _ description: String) -> JSON {
        var names = ["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
        if status == 401 { names.append("WWW-Authenticate") }
        if status == 429 { names += ["X-RateLimit-Retry-After", "Retry-After"] }
        if [503, 507].contains(status) { names.append("Retry-After") }
        return .members([
            "description": .string(description),
            "headers": .object(JSONObject(names.map { ($0, reference("headers", $0)) })),
            "content": .members(["application/json": .members(["schema": reference("schemas", "Error")])]),
        ])
    }

    private static func responses(_ operation: RegisteredOperation) -> JSON {
        var responses = JSONObject()
        var names = ["X-Request-Id"]
        if operation.access == .apiKey { names += ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] }
        let headers = JSON.object(JSONObject(names.map { ($0, reference("headers", $0)) }))
        if case .object(let answers)? = operation.entry["answers"] {
            for (status, shape) in answers {
                let media = shape["media"]?.text
                let content = media ?? "application/json"
                let body: JSON = media == nil ? .members(["schema": shape]) : .members([:])
                responses[status] = .members([
                    "description": .string(shape == .null ? "Nothing." : "The answer."), "headers": headers,
                    "content": shape == .null ? nil : .members([:]).with(content, body),
                ])
            }
        }
        for status in operation.refusals where responses["\(status)"] == nil {
            responses["\(status)"] = reference("responses", "Refusal\(status)")
        }
        return .object(responses)
    }

    private static func reference(_ kind: String, _ name: String) -> JSON {
        .members(["$ref": .string("#/components/\(kind)/\(name)")])
    }
}

extension JSON {
    /// The object with one more member.
    fileprivate func with(_ name: String, _ value: JSON) -> JSON {
        guard case .object(var object) = self else { return self }
        object[name] = value
        return .object(object)
    }
}
