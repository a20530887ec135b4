/// A path below a team's import folder that cannot lead out of it: plain names, separated by single slashes.
package struct FolderPath: Hashable, Sendable, CustomStringConvertible {
    package let names: [String]

    /// Code points of the whole path.
    package static let length = 1...1024

    /// What is allowed, for refusals.
    package static let rule =
        "must be a path inside the folder: names separated by single slashes, none of them empty, beginning with a dot, or holding "
        + "control characters; at most 1024 characters"

    /// Nil for anything that is not such a path.
    package init?(_ text: String) {
        guard Self.length.contains(text.unicodeScalars.count) else { return nil }
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy(Self.isPlain) else { return nil }
        self.names = names
    }

    private init(names: [String]) { self.names = names }

    package var description: String { names.joined(separator: "/") }

    package var last: String { names[names.count - 1] }

    /// The path of something inside.
    func appending(_ name: String) -> FolderPath { FolderPath(names: names + [name]) }

    /// Whether a name can stand in a path: names that begin with a dot are the folder itself, its parent, and what other
    /// programs are still writing.
    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.first != UInt8(ascii: ".") && !name.utf8.contains(UInt8(ascii: "/"))
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
