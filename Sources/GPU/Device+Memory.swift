/// How much memory there is, for whom.
extension Device {
    /// Bytes that all buffers of this device together may take.
    package var memoryBudget: Int { handle.budget.limit }
    /// Bytes that buffers take now.
    package var memoryInUse: Int { handle.budget.inUse }
    /// Bytes that buffers may still take; less than the budget leaves where other processes hold the rest of the device's memory.
    package var memoryAvailable: Int { max(0, memoryReach - memoryInUse) }
    /// Bytes that all buffers together could come to: the budget, or what other processes leave of it.
    package var memoryReach: Int {
        guard let unclaimed = handle.unclaimedBytes else { return memoryBudget }
        return min(memoryBudget, memoryInUse + min(unclaimed, memoryBudget))
    }
    /// Bytes that are meant for one of the pieces of work that share the device.
    package var memoryShare: Int { memoryReach / shares }

    /// Refuses what would not get its memory, before any of it is taken.
    ///
    /// - Throws: `memoryBudgetExceeded` when the budget does not hold it beside what is in use; `outOfMemory` when the budget would,
    ///   and other processes have left too little.
    package func requireMemory(_ byteCount: Int) throws(GPUError) {
        let inUse = memoryInUse
        guard byteCount <= memoryBudget - inUse else {
            throw .memoryBudgetExceeded(requested: byteCount, inUse: inUse, budget: memoryBudget)
        }
        guard byteCount <= memoryAvailable else { throw .outOfMemory(operation: "taking \(byteCount) bytes beside other processes") }
    }

    /// Suspends until everything submitted so far is done, and what only it had held is let go.
    package func settle() async throws {
        let recorder = try makeRecorder()
        try await recorder.submit().wait()
    }
}
