/// Sizes beyond which a request is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the request target: 414 beyond.
    package var targetBytes = 8 << 10
    /// Bytes of one header line and of the whole header section: 431 beyond.
    package var headerBytes = 32 << 10
    /// Number of header fields: 431 beyond.
    package var headerFields = 100
    /// Bytes of content where the route has no limit of its own: 413 beyond.
    package var bodyBytes = 1 << 20
    /// Bytes of one chunk-size line, extensions included.
    package var chunkLineBytes = 256
    /// Bytes of all chunk extensions of one message.
    package var chunkExtensionBytes = 4 << 10

    package init() {}
}
