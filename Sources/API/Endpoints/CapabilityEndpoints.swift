import Domain
import HTTP
import Store

/// What this server can carry out, and what of the contract it cannot: the same list as `remaster doctor`.
struct CapabilityEndpoints: Sendable {
    let capabilities: Capabilities

    func register(in routes: inout APIRoutes) throws {
        try routes.keyed(.get, "/v1/capabilities", list)
    }

    @Sendable private func list(_ request: HTTPRequest, _ caller: APIKeyStore.Caller) async throws -> HTTPResponse {
        try request.readingNothing()
        return .json(
            .ok,
            .members([
                "options": .array(
                    capabilities.options.map {
                        .members(["name": .string($0.name), "available": Self.texts($0.available), "missing": Self.texts($0.missing)])
                    }),
                "encodings": .array(
                    capabilities.encodings.map { encoding in
                        .members([
                            "codec": .string(encoding.codec.rawValue), "chromaSubsampling": Self.texts(encoding.chroma.map(\.rawValue)),
                            "bitDepths": .array(encoding.bitDepths.map { .integer(Int64($0.rawValue)) }),
                            "containers": Self.texts(encoding.containers.map(\.rawValue)),
                        ])
                    }),
                "isComplete": .boolean(capabilities.options.allSatisfy { $0.missing.isEmpty }),
            ]))
    }

    private static func texts(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}
