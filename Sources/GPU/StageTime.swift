/// Time that the device spent on one stage of a submission.
package struct StageTime: Sendable, Equatable {
    package let name: String
    package let duration: Duration

    package init(name: String, duration: Duration) {
        self.name = name
        self.duration = duration
    }
}

/// The stages of one recording: which timestamp query begins which.
struct StageMarks: Sendable {
    private(set) var names: [String] = []
    private var isClosed = false

    /// Number of timestamps that the recording writes: one at the start of each stage and one at the end of the last.
    var queryCount: Int { names.isEmpty ? 0 : names.count + 1 }

    /// Opens a stage and says which query marks it; nil when the stage goes on or the queries are used up.
    mutating func begin(_ name: String) -> Int? {
        guard names.last != name, names.count + 1 < CommandContext.queryCount else { return nil }
        names.append(name)
        return names.count - 1
    }

    /// Closes the last stage and says which query marks its end; nil without stages.
    mutating func end() -> Int? {
        guard !names.isEmpty, !isClosed else { return nil }
        isClosed = true
        return names.count
    }
}
