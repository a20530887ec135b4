import Filters
import GPU
import Networks

/// An attempt to take memory of the device that was refused.
struct MemoryRefusal {
    /// Bytes that the attempt comes to, what it had taken and what it was refused; nil where the driver refused it, and does not say.
    let bytes: Int?

    /// Nil when the error is of another kind.
    ///
    /// - Parameters:
    ///   - error: of making processors or networks, as it was thrown or wrapped.
    ///   - before: bytes of the device that were in use before the attempt.
    init?(_ error: any Error, before: Int) {
        switch error {
        case NetworkError.memoryBudgetTooSmall(let needed, _), FilterError.network(.memoryBudgetTooSmall(let needed, _)),
            PipelineError.filter(.network(.memoryBudgetTooSmall(let needed, _))):
            bytes = needed
            return
        default: break
        }
        switch PipelineError.gpuError(in: error) {
        case .memoryBudgetExceeded(let requested, let inUse, _)?: bytes = max(0, inUse - before) + requested
        case .outOfMemory?: bytes = nil
        default: return nil
        }
    }
}
