/// A step in front of a handler: turns the context so far into the next one (nothing → who is calling), or answers itself.
package protocol Middleware<Context, Next>: Sendable {
    associatedtype Context: Sendable
    associatedtype Next: Sendable

    func respond(
        to request: HTTPRequest, context: Context, next: @Sendable (HTTPRequest, Next) async throws -> HTTPResponse
    ) async throws -> HTTPResponse
}

/// Middleware in order, and the type of context that a handler behind it receives.
package struct Chain<Context: Sendable>: Sendable {
    private let run:
        @Sendable (HTTPRequest, @escaping @Sendable (HTTPRequest, Context) async throws -> HTTPResponse) async throws -> HTTPResponse

    /// The chain with one more step behind its others.
    package func then<Step: Middleware>(_ step: Step) -> Chain<Step.Next> where Step.Context == Context {
        let run = run
        return Chain<Step.Next>(run: { request, last in
            try await run(request) { request, context in
                try await step.respond(to: request, context: context, next: last)
            }
        })
    }

    /// A handler that is reached through the chain.
    package func handler(_ body: @escaping @Sendable (HTTPRequest, Context) async throws -> HTTPResponse) -> Handler {
        let run = run
        return { request in try await run(request, body) }
    }

    fileprivate init(
        run:
            @escaping @Sendable (
                HTTPRequest, @escaping @Sendable (HTTPRequest, Context) async throws -> HTTPResponse
            ) async throws -> HTTPResponse
    ) {
        self.run = run
    }
}

extension Chain where Context == Void {
    /// The chain without a step.
    package static var root: Chain<Void> {
        Chain<Void>(run: { request, last in try await last(request, ()) })
    }
}
