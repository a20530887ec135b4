package import Domain
package import Filters
import Media
package import Picture
import Primitives

/// One step of a job before its last program of the device.
package struct ProcessingLink: Codable, Hashable, Sendable {
    package enum Work: Codable, Hashable, Sendable {
        /// The network of the device, or one of FFmpeg's deinterlacers. Nil order: what the analysis finds.
        case deinterlace(ProcessingOptions.Deinterlacer, order: FieldOrder?)
        /// FFmpeg's spatial and temporal denoiser.
        case denoise
        /// The denoising network of the device.
        case removeNoise
        /// The network of the device that aligns lines.
        case alignLines
        /// A program of the device: what stands before a step of the CPU in the order of the slots.
        case prepare(PictureProgram)
        /// Drops and repeats frames.
        case repick
        /// Mixes neighbours by their distance in time.
        case blend
        /// FFmpeg's motion-compensated interpolation.
        case interpolate
    }

    package let work: Work
    /// Of the frames that go in.
    package let input: FrameLayout
    /// Of the frames that come out.
    package let output: FrameLayout
    /// How the frames that go in are numbered.
    package let inputGrid: FrameGrid
    /// How the frames that come out are numbered.
    package let grid: FrameGrid
    /// The network that does it, beside those of a program.
    package let network: ModelIdentity?

    /// For the report.
    package var name: String {
        switch work {
        case .deinterlace(let filter, let order): "\(filter.rawValue) \(order.map(\.rawValue) ?? "analysed")"
        case .denoise: "HQDN3D"
        case .removeNoise: "DENOISE"
        case .alignLines: "DEJIT"
        case .prepare: "device"
        case .repick: "FPS"
        case .blend: "FBLEND"
        case .interpolate: "MCINTERPOLATE"
        }
    }

    /// Frames of the input that the frames `wanted` of the output are made of, with what lies around them wherever that
    /// has an influence.
    ///
    /// - Parameter context: frames of the source that may be looked at, those of the job among them.
    func needed(for wanted: FrameRange, _ index: FrameIndex, within context: FrameRange) -> FrameRange {
        let bounds = inputGrid.bounds(context)
        func clamped(_ first: Int, _ last: Int) -> FrameRange {
            let start = min(max(first, bounds.start), bounds.end - 1)
            return FrameRange(start, max(min(last + 1, bounds.end), start + 1))
        }
        switch work {
        case .prepare: return wanted
        case .denoise: return clamped(wanted.start - Self.denoiserContext, wanted.end - 1)
        case .removeNoise: return clamped(wanted.start - NoiseReducer.reach, wanted.end - 1 + NoiseReducer.reach)
        case .alignLines: return clamped(wanted.start - LineAligner.reach, wanted.end - 1 + LineAligner.reach)
        case .deinterlace:
            let factor = grid.framesPerSource / inputGrid.framesPerSource
            return clamped(
                wanted.start / factor - Self.deinterlacerContext, (wanted.end - 1) / factor + Self.deinterlacerContext)
        case .repick:
            return clamped(picked(for: wanted.start, index, within: context), picked(for: wanted.end - 1, index, within: context))
        case .blend:
            return clamped(shown(at: wanted.start, index, within: context) - 1, shown(at: wanted.end - 1, index, within: context) + 1)
        case .interpolate:
            return clamped(
                shown(at: wanted.start, index, within: context) - Self.interpolatorContext,
                shown(at: wanted.end - 1, index, within: context) + Self.interpolatorContext)
        }
    }

    /// Fields come from the frame before and after; one more lets the filter find its beginning.
    private static let deinterlacerContext = 2
    /// The denoiser's memory is endless, but fades: after this many frames less than a code of 8 bits is left of a
    /// change of any size. Cuts follow from the plan, so that a job gives the same bytes anywhere.
    private static let denoiserContext = 24
    /// Motion is looked for between four frames, and cuts are found by one more.
    static let interpolatorContext = 6
}
