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

/// The network of a link that the device does.
enum LinkNetwork: Sendable {
    case fields(FieldInterpolator)
    case window(any WindowFilter)
}

/// What every link is given.
struct LinkTask {
    let link: ProcessingLink
    /// Numbers to give, on the output's grid.
    let wanted: FrameRange
    let index: FrameIndex
    /// Frames of the source that may be looked at.
    let surroundings: FrameRange
    let plan: JobPlan
    /// Found by the analysis, for links that ask for it.
    let analysis: JobAnalysis
    let context: MediaContext
    /// For links that the device does.
    let network: LinkNetwork?

    /// Brings frames to the layout of the link's output: to its depth, and without alpha. (Plans of earlier builds kept alpha where
    /// the depth stays.)
    ///
    /// - Throws: `PipelineError.planContradiction` where more than depth and alpha would have to change.
    func makeDeepener() throws -> FrameDeepener {
        let (from, to) = (link.input.format, link.output.format)
        guard link.input.size == link.output.size, from.model == to.model, from.subsampling == to.subsampling, from.bitDepth <= to.bitDepth,
            from.hasAlpha || !to.hasAlpha
        else { throw PipelineError.planContradiction("\(link.name) takes \(link.input.size) \(from) and gives \(link.output.size) \(to)") }
        return try FrameDeepener(link.input, bitDepth: to.bitDepth, keepsAlpha: to.hasAlpha, range: plan.source.color.tags.range)
    }

    /// The link of a task whose frames the CPU hands on; nil for programs of the device.
    func make() throws -> (any FrameLink)? {
        switch network {
        case .fields(let interpolator): return try FieldNetworkLink(self, interpolator: interpolator)
        case .window(let filter): return try WindowLink(self, filter: filter)
        case nil: break
        }
        return switch link.work {
        case .deinterlace(let filter, let order):
            try LibraryLink(self, deinterlacing: filter, order: order ?? analysis.fieldOrder ?? .topFirst)
        case .denoise: try LibraryLink(self, chain: "hqdn3d")
        case .repick: RepickLink(self)
        case .blend: try BlendLink(self)
        case .interpolate: try InterpolateLink(self)
        case .prepare, .removeNoise, .alignLines: nil
        }
    }
}
