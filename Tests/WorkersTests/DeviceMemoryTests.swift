import Filters
import GPU
import JobQueue
import Pipeline
import Store
import Testing
import Workers

/// How units end for which the device has too little memory.
@Suite struct DeviceMemoryTests {
    @Test("Pictures that are too large for the device end their job, which says what was needed and what there is") func tooSmall() {
        let need = DeviceNeed(needed: 5 << 30, budget: 3 << 30)
        guard case .dead(let failure)? = DeviceMemory.outcome(of: PipelineError.deviceTooSmall(need)) else {
            Issue.record("\(String(describing: DeviceMemory.outcome(of: PipelineError.deviceTooSmall(need))))")
            return
        }
        #expect(failure.code == "DEVICE_MEMORY_TOO_SMALL")
        let words = "need at least 5120 MiB of the device's memory at a time, and the worker's device has 3072 MiB for them."
        #expect(failure.message == "The job's pictures " + words)
    }

    private static let taken = GPUError.outOfMemory(operation: "vkAllocateMemory")

    @Test(
        "A device that others have filled says nothing about the unit, whoever passed the error on",
        arguments: [taken, FilterError.gpu(taken), PipelineError.gpu(taken), PipelineError.filter(.gpu(taken))] as [any Error])
    func passing(_ error: any Error) {
        guard case .postponed(let failure)? = DeviceMemory.outcome(of: error) else {
            Issue.record("\(String(describing: DeviceMemory.outcome(of: error)))")
            return
        }
        #expect(failure.code == "DEVICE_MEMORY_TAKEN" && failure.message.contains("Other programs"))
        #expect(StorageFailure.outcome(of: error) == nil && DeviceLoss.outcome(of: error) == nil)
    }

    @Test(
        "Other errors are not of the memory",
        arguments: [
            GPUError.deviceLost(operation: "vkQueueSubmit"), FilterError.closed, PipelineError.conditionsMissing, CancellationError(),
        ] as [any Error])
    func others(_ error: any Error) { #expect(DeviceMemory.outcome(of: error) == nil) }
}
