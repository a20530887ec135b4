/// The content of a request: all of it, or a stream that is read while it arrives.
package struct RequestBody: Sendable {
    enum Content: Sendable {
        case collected([UInt8])
        /// The next piece, nil at the end. Throws `RequestBodyError`.
        case streamed(@Sendable () async throws -> [UInt8]?)
    }

    let content: Content

    /// A whole body.
    package init(_ bytes: [UInt8] = []) { content = .collected(bytes) }

    /// A body that is read while it arrives, once.
    ///
    /// - Parameter next: the next piece, nil at the end. Throws `RequestBodyError`.
    package init(streaming next: @escaping @Sendable () async throws -> [UInt8]?) { content = .streamed(next) }

    /// The whole body; empty when the route asked for a stream.
    package var bytes: [UInt8] {
        guard case .collected(let bytes) = content else { return [] }
        return bytes
    }

    /// The body in pieces as they arrive; a stream can be read once.
    package var chunks: Chunks { Chunks(content: content) }

    /// Pieces of a body in order. Iterating throws `RequestBodyError`.
    package struct Chunks: AsyncSequence, Sendable {
        let content: Content

        package func makeAsyncIterator() -> Iterator { Iterator(content: content) }

        package struct Iterator: AsyncIteratorProtocol {
            let content: Content
            var isDone = false

            package mutating func next() async throws -> [UInt8]? {
                switch content {
                case .streamed(let next): return try await next()
                case .collected(let bytes):
                    defer { isDone = true }
                    return isDone || bytes.isEmpty ? nil : bytes
                }
            }
        }
    }
}

/// Why a streamed body ended early.
package enum RequestBodyError: Error, Equatable {
    /// The client closed or lost the connection, or the server dropped it.
    case connectionLost
    /// The client broke the framing or went over the limit; the connection is closed after the response.
    case faulty(RequestFault)
}
