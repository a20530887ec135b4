import Domain
import Filters
import Media
import Picture
import Primitives

/// A link at work: takes frames in the order of their numbers and gives exactly the wanted ones, in order.
///
/// One owner on one thread. Frames that go in carry their number of the input's grid in `index`; frames that come out
/// carry that of the output's.
protocol FrameLink: AnyObject {
    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws
    func finish(emit: (consuming Frame) throws -> Void) throws
}

/// What every link is given.
struct LinkTask {
    let link: ProcessingLink
    /// Numbers to give, on the output's grid.
    let wanted: FrameRange
    let index: FrameIndex
    let plan: JobPlan
    /// Found by the analysis, for links that ask for it.
    let analysis: JobAnalysis
    let context: MediaContext
    /// For the deinterlacer of the device.
    let interpolator: FieldInterpolator?

    /// The link of a task of the CPU; nil for programs of the device.
    func make() throws -> (any FrameLink)? {
        switch link.work {
        case .deinterlace(.deint, _):
            try interpolator.map { try FieldNetworkLink(self, interpolator: $0) }
        case .deinterlace(let filter, let order):
            try DeinterlaceLink(self, filter: filter, order: order ?? analysis.fieldOrder ?? .topFirst)
        case .denoise: try DenoiseLink(self)
        case .repick: RepickLink(self)
        case .blend: try BlendLink(self)
        case .interpolate: try InterpolateLink(self)
        case .prepare: nil
        }
    }
}
