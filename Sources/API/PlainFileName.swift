/// A video's file name as a name that anything takes: one part of a path, of a URL or of an object's key, without separators,
/// control characters and line breaks, and not a dot segment.
struct PlainFileName {
    let text: String

    init(_ name: String) {
        var plain = String.UnicodeScalarView()
        for scalar in name.unicodeScalars { plain.append(Self.isPlain(scalar) ? scalar : "_") }
        let text = String(plain)
        self.text = text == "." || text == ".." ? "_" : text
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: scalar != "/" && scalar != "\\"
        }
    }
}
