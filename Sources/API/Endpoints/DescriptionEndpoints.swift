import Domain
import HTTP
import Synchronization

/// The API described by the server that serves it: for programs, and for readers.
struct DescriptionEndpoints: Sendable {
    let address: PublicAddress

    /// Registered after all others: it describes what is there by then, itself too.
    func register(in routes: inout APIRoutes) throws {
        let written = Written()
        for prefix in ["", "/api"] {
            try routes.open(.get, prefix + "/openapi.json") { _ in
                HTTPResponse(.ok, contentType: "application/json", bytes: try written.get().json)
            }
            try routes.open(.get, prefix + "/docs") { _ in
                HTTPResponse(
                    .ok, contentType: "text/html; charset=utf-8", bytes: try written.get().html,
                    headers: [
                        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
                        "X-Content-Type-Options": "nosniff",
                    ])
            }
        }
        let (operations, definition, address) = (routes.operations, routes.definition, address)
        written.source.withLock {
            $0 = .unwritten { OpenAPIDocument(operations, definition: definition, address: address) }
        }
    }

    /// Both forms of the document, made when somebody first asks for one.
    private final class Written: Sendable {
        enum State: Sendable {
            case unwritten(@Sendable () -> OpenAPIDocument)
            case written(json: [UInt8], html: [UInt8])
        }

        struct NothingToDescribe: Error {}

        let source = Mutex<State?>(nil)

        func get() throws -> (json: [UInt8], html: [UInt8]) {
            try source.withLock { state in
                switch state {
                case nil: throw NothingToDescribe()
                case .written(let json, let html): return (json, html)
                case .unwritten(let make):
                    let document = make()
                    let (json, html) = (document.json.utf8, Array(DocumentationPage(document).html.utf8))
                    state = .written(json: json, html: html)
                    return (json, html)
                }
            }
        }
    }
}
