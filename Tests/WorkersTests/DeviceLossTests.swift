import Filters
import GPU
import JobQueue
import Pipeline
import Store
import Testing
import Workers

@Suite struct DeviceLossTests {
    private static let lost = GPUError.deviceLost(operation: "vkWaitSemaphores")

    @Test(
        "A lost device ends the worker and says nothing about the unit, whoever passed the error on",
        arguments: [lost, FilterError.gpu(lost), PipelineError.gpu(lost), PipelineError.filter(.gpu(lost))] as [any Error])
    func ends(_ error: any Error) {
        let outcome = DeviceLoss.outcome(of: error)
        guard case .workerUnfit(let failure)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(failure.code == "DEVICE_LOST" && failure.message.contains("vkWaitSemaphores"))
    }

    @Test(
        "Other errors of the device are the unit's",
        arguments: [
            GPUError.outOfMemory(operation: "vkAllocateMemory"), FilterError.closed, PipelineError.conditionsMissing, CancellationError(),
        ] as [any Error])
    func others(_ error: any Error) { #expect(DeviceLoss.outcome(of: error) == nil) }
}
