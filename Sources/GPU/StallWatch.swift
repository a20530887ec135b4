/// Tells a device that hangs from one with much to do: while submissions end, one after the other, it works.
///
/// Counts rounds of waiting, not hours of the wall: a machine that slept has not waited.
package struct StallWatch: Sendable {
    /// Nanoseconds of one round.
    package static let round: UInt64 = 10_000_000_000
    /// Rounds in which no submission ends, and after which none is awaited any more: five minutes. The slowest device has seconds
    /// of work in a submission (`DeviceOptions.largestSubmission`).
    package static let patience = 30

    private var reached: UInt64?
    private var rounds = 0

    package init() {}

    /// Notes a round that ended without what was waited for, and says whether that is given up.
    ///
    /// - Parameter value: of the timeline, at the end of the round.
    package mutating func hasStalled(at value: UInt64) -> Bool {
        rounds = value == reached ? rounds + 1 : 0
        reached = value
        return rounds >= Self.patience
    }
}
