import GPU
package import JobQueue
import Pipeline
import Store

/// How the loss of the device ends a unit: nothing that is on it works any more, for this unit or another, until the process has
/// opened it anew. It says nothing about the unit, which the next worker takes untried.
package enum DeviceLoss {
    /// Nil when the error is of another kind.
    ///
    /// - Parameter error: of a pipeline run, as the device gave it or wrapped by filters or pipeline.
    package static func outcome(of error: any Error) -> UnitOutcome? {
        guard case .deviceLost(let operation)? = PipelineError.gpuError(in: error) else { return nil }
        return .workerUnfit(UnitFailure(code: "DEVICE_LOST", message: "The device of the worker was lost in \(operation)."))
    }
}
