import FoundationEssentials

extension ProcessingOptions {
    /// The contract's JSON text, compact, members in alphabetical order: what is kept and what is answered.
    ///
    /// - Throws: what the encoder throws for numbers that are not finite; none get past reading.
    package func jsonText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
