/// Names of videos: 1 to 255 code points, as the contract, JSON Schema and PostgreSQL count. What a reader takes for one
/// character may be several of them.
package enum VideoName {
    package static let longest = 255

    /// The name of what is made from a video: its name, cut to leave room for the treatment behind it in brackets.
    package static func derived(from name: String, by treatment: String) -> String {
        let suffix = " (\(treatment))"
        return cut(name, to: longest - suffix.unicodeScalars.count) + suffix
    }

    /// The first code points of a text.
    package static func cut(_ text: String, to count: Int = longest) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(count)))
    }
}
