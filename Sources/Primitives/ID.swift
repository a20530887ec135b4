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
    package var description: String {
        // Foundation prints the bytes one by one through `snprintf`; ids stand in every answer many times.
        unsafe String(unsafeUninitializedCapacity: 36) { text in
            unsafe withUnsafeBytes(of: uuid.uuid) { bytes in
                var end = 0
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        unsafe text[end] = UInt8(ascii: "-")
                        end += 1
                    }
                    let byte = unsafe bytes[index]
                    unsafe text[end] = Self.digit(byte >> 4)
                    unsafe text[end + 1] = Self.digit(byte & 0x0F)
                    end += 2
                }
                return end
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }

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
