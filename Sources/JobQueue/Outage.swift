/// What a reaper knows of a time in which the database took no changes, or was away: no lease could be renewed in it. It neither waits
/// nor speaks to anyone.
///
/// Each process knows only what it saw itself, and of several the one judges that takes the unit back. One that has just begun knows of
/// nothing, and so counts what ran out before as lost: a unit that takes the whole process with it, this reaper among it, must come to
/// its end.
package struct Outage: Sendable {
    /// What ran out after this could not be renewed; nil where the database took all changes.
    package private(set) var unableSince: ContinuousClock.Instant?
    /// When the last look began that could write.
    private var lastAble: ContinuousClock.Instant?
    private var isOver = false

    package init() {}

    /// A look that began at this instant could write.
    package mutating func couldWrite(_ begun: ContinuousClock.Instant) {
        // It holds for one look more: what was not renewed in time for the end of the outage may run out just after it.
        if isOver { unableSince = nil }
        isOver = unableSince != nil
        lastAble = begun
    }

    /// A look that began at this instant found that nothing can be written.
    package mutating func couldNotWrite(_ begun: ContinuousClock.Instant) {
        unableSince = unableSince ?? lastAble ?? begun
        isOver = false
    }
}
