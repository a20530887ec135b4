/// A body that is made while it is sent: server-sent events, generated downloads.
package struct ResponseStream: Sendable {
    /// What becomes of a stream when the server stops.
    package enum OnDrain: Sendable {
        /// The stream is waited for, up to the deadline of the drain.
        case finish
        /// The producing task is cancelled at once and what was written so far is the whole body: for streams without an end.
        case cancel
    }

    /// Exact number of bytes the producer writes; nil sends chunks.
    package let contentLength: Int?
    package let onDrain: OnDrain
    let produce: @Sendable (ResponseWriter) async throws -> Void

    /// - Parameter produce: writes the body; an error it throws cuts the connection, so that the client sees the loss.
    package init(
        contentLength: Int? = nil, onDrain: OnDrain = .finish, _ produce: @escaping @Sendable (ResponseWriter) async throws -> Void
    ) {
        self.contentLength = contentLength
        self.onDrain = onDrain
        self.produce = produce
    }

    /// Produces the body into `write` instead of a connection: for tests.
    package func play(_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws {
        try await produce(ResponseWriter(send: write))
    }
}

/// The producer's end of a streamed body.
package struct ResponseWriter: Sendable {
    let send: @Sendable ([UInt8]) async throws -> Void

    /// Hands bytes to the connection; suspends while the client is slower than the producer.
    ///
    /// - Throws: `ResponseWriterError` when the client is gone; `CancellationError` when the stream was asked to end.
    package func write(_ bytes: [UInt8]) async throws { try await send(bytes) }
}

/// Why a write had no effect.
package enum ResponseWriterError: Error, Equatable {
    /// The client or the server closed the connection.
    case connectionLost
    /// More bytes than the stream's `contentLength`.
    case beyondContentLength
}
