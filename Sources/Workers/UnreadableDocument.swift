package import JobQueue
import Pipeline
import Store

/// What an earlier step or another build has stored, and this build cannot read or carry out. Another attempt would read the same, so
/// that the job ends at once, and says why.
package struct UnreadableDocument: Error {
    let outcome: UnitOutcome

    /// - Parameter thing: what was to be read, as the beginning of a sentence.
    init(_ thing: String, _ error: any Error) {
        let reason = (error as? DecodingError)?.place ?? "\(error)"
        outcome = Self.dead("\(thing) cannot be read by this build: \(reason).")
    }

    /// Nil when the error is of another kind.
    package static func outcome(of error: any Error) -> UnitOutcome? {
        switch error {
        case let error as UnreadableDocument: error.outcome
        case PipelineError.planFormat(let found, let supported):
            dead("The job was planned by another version of the server (plan format '\(found)'; this one reads '\(supported)').")
        case PipelineError.planUnreadable(let reason): dead("The stored plan cannot be read by this build: \(reason).")
        case PipelineError.planContradiction(let reason): dead("The stored plan contradicts itself: \(reason).")
        default: nil
        }
    }

    private static func dead(_ message: String) -> UnitOutcome {
        .dead(UnitFailure(code: "STORED_FORM_UNREADABLE", message: message + " Start it anew.", details: nil))
    }
}
