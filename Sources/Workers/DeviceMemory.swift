import GPU
package import JobQueue
import Pipeline
import Store

/// How want of device memory ends a unit. What other units of this process hold is waited for (`Engine.withProcessors`); what is left
/// are pictures that are too large for the device, and a device that other programs have filled.
package enum DeviceMemory {
    /// Code of what does not fit the device, however empty it is.
    package static let tooSmall = "DEVICE_MEMORY_TOO_SMALL"
    /// Code of what a unit is put back for while other programs hold the device's memory.
    package static let taken = "DEVICE_MEMORY_TAKEN"

    /// Nil when the error is of another kind.
    ///
    /// - Parameter error: of a pipeline run, as the device gave it or wrapped by filters or pipeline.
    package static func outcome(of error: any Error) -> UnitOutcome? {
        if case PipelineError.deviceTooSmall(let need) = error {
            return .dead(UnitFailure(code: tooSmall, message: need.explanation))
        }
        guard case .outOfMemory? = PipelineError.gpuError(in: error) else { return nil }
        return .postponed(UnitFailure(code: taken, message: "Other programs hold the memory of the worker's device."))
    }
}
