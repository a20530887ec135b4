package import Logging

/// What a part of the product is given to speak with: a logger whose metadata accumulates on the way down.
package struct Observer: Sendable {
    package var logger: Logger

    package init(logger: Logger) { self.logger = logger }

    /// The same observer with one more metadata value on every line.
    package func with(_ key: String, _ value: some CustomStringConvertible & Sendable) -> Observer {
        var copy = self
        copy.logger[metadataKey: key] = "\(value.description)"
        return copy
    }
}
