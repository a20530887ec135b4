package import Filters
package import GPU
package import Media
package import Primitives

/// Why a plan cannot be made or a run did not end.
package enum PipelineError: Error, Sendable {
    /// The recipe asks for a step that this build has no stage for; the edge refuses these before a job exists.
    case stageUnavailable(step: String, available: [String])
    /// The positions leave no frame of the source.
    case noFramesInRange(startMilliseconds: Int, endMilliseconds: Int, frameCount: Int)
    /// A plan written by other code.
    case planFormat(found: String, supported: String)
    /// A plan of this format with members missing or of other kinds.
    case planUnreadable(reason: String)
    /// A plan with a step that is given other pictures than it takes, or gives other ones than the next takes: no attempt can run it.
    case planContradiction(String)
    /// The analysis that the program needs was not handed in.
    case conditionsMissing
    /// A run delivered another number of frames than planned.
    case frameCount(range: FrameRange, delivered: Int)
    /// Two frames went into the weaver and none came out.
    case weaving(frame: Int)
    /// The whole memory that a process may take of its device does not hold what the job needs at a time.
    case deviceTooSmall(DeviceNeed)
    case media(MediaError)
    case filter(FilterError)
    case gpu(GPUError)

    /// The device's error in what a run has thrown, as the device gave it or wrapped by filters or pipeline; nil for others.
    package static func gpuError(in error: any Error) -> GPUError? {
        switch error {
        case let error as GPUError: error
        case FilterError.gpu(let inner), PipelineError.gpu(let inner), PipelineError.filter(.gpu(let inner)): inner
        default: nil
        }
    }
}
