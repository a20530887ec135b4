package import FoundationEssentials

/// Identifier of one `Subject`: a UUID that cannot be handed to a function that wants the id of something else.
package struct ID<Subject>: Hashable, Sendable, Codable, CustomStringConvertible {
    package let uuid: UUID

    /// A fresh random identifier.
    package init() { uuid = UUID() }
    package init(_ uuid: UUID) { self.uuid = uuid }

    /// Reads the canonical 36-character form, in either case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self.uuid = uuid
    }

    /// The canonical lower-case form.
    package var description: String { uuid.uuidString.lowercased() }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a UUID")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
