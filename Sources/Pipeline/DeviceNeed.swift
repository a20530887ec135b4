/// What the pictures of a job need of a device's memory at a time, where that is more than there is for them.
package struct DeviceNeed: Hashable, Sendable {
    /// Bytes, at least: what was taken when it was noticed, with what was asked for then.
    package let needed: Int
    /// Bytes that there are.
    package let budget: Int

    package init(needed: Int, budget: Int) {
        self.needed = needed
        self.budget = budget
    }

    /// For people, as a sentence.
    package var explanation: String {
        let mebibyte = 1 << 20
        return """
            The job's pictures need at least \((needed + mebibyte - 1) / mebibyte) MiB of the device's memory at a time, and the worker's \
            device has \(budget / mebibyte) MiB for them.
            """
    }
}
