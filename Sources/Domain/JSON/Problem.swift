/// One thing that is wrong with a request: where, what was given, and what is allowed.
package struct Problem: Error, Hashable, Sendable {
    /// What sort of mistake it is; the edge chooses the error code by it.
    package enum Kind: Hashable, Sendable {
        /// A missing, mistyped, unknown or out-of-range member.
        case invalid
        /// A right request that this build or its device cannot carry out yet.
        case unavailable
        case startPosition
        case endPosition
        case containerForCodec
        case missingResolution
        case resolutionOutOfRange
        case resolutionBelowSource
        case inputColorConversion
        case outputColorConversion
        case url
        /// A range of time that ends before it begins.
        case dateTimeRange
    }

    package let kind: Kind
    /// Path of the member from the root of the body, such as `filterSettings.resolution.tag`, or a parameter's name.
    package let field: String
    /// The value as text; nil when the member is absent.
    package let actual: String?
    /// What is wrong, and what is allowed.
    package let message: String

    package init(_ kind: Kind = .invalid, field: String, actual: String?, _ message: String) {
        self.kind = kind
        self.field = field
        self.actual = actual
        self.message = message
    }
}

/// Everything that is wrong with a request, all at once. Never empty.
package struct ValidationFailure: Error, Hashable, Sendable {
    package let problems: [Problem]

    /// - Parameter problems: at least one.
    package init(problems: [Problem]) { self.problems = problems }
}

/// Gathers problems while a request is read, so that one answer names them all. Belongs to one request, on one task.
package final class ProblemCollector {
    package private(set) var problems: [Problem] = []
    /// Problems beyond `limit`.
    private var omitted = 0

    /// Problems that one answer names.
    private static let limit = 100

    package init() {}

    package func add(_ problem: Problem) {
        if problems.count < Self.limit { problems.append(problem) } else { omitted += 1 }
    }

    /// Throws everything gathered so far; does nothing when there is nothing. Of more than can be named, the rest is counted.
    package func check() throws(ValidationFailure) {
        guard !problems.isEmpty else { return }
        guard omitted > 0 else { throw ValidationFailure(problems: problems) }
        throw ValidationFailure(problems: problems + [Problem(field: "", actual: nil, "has \(omitted) more problems, which are not named")])
    }
}
