import ColorScience
package import Picture
import Primitives

/// A request turned into steps: what is done to every frame, inspectable before anything is allocated.
package struct PictureProgram: Hashable, Sendable, Codable {
    package let request: PictureRequest
    /// The part of the input that is used: the crop, widened to whole chroma samples.
    package let window: PixelRect
    /// Before anything else: G′B′R′ → BT.709 Y′CbCr, for networks that see luma alone.
    package let matrixIn: GradeStep?
    /// Changes of size of luma (of every plane, where none is chroma), in order.
    package let luma: [ResizeStep]
    /// The one change of size of each chroma plane; nil where the picture has no chroma.
    package let chroma: ResampleSteps?
    /// How the chroma planes lie on the luma grid when they have been resized.
    package let chromaColumns: PlaneGrid
    package let chromaRows: PlaneGrid
    /// Corrects the chroma planes on the luma grid; nil where they stay as they were resized.
    package let chromaGuide: FilterModels.ChromaGuide?
    /// Reconstructs clipped highlights; nil where that is not asked for.
    package let highlights: HighlightPlan?
    /// Modulates light from place to place; nil where that is not asked for.
    package let local: LocalPlan?
    package let grade: GradeStep?
    /// Counts the light of a PQ output that no grade computes; nil where there is nothing to count, or another step counts.
    package let meter: MeterStep?
    /// The last step before the rounding, where smoothing and grain change the light, or where new tags alone change its
    /// meaning: clamps to the grade's limit and counts. Nil where that is not so, and in plans of earlier builds, which counted
    /// before the smoothing.
    package let finish: MeterStep?
    /// Position of the picture in the frame, in luma samples; negative where it is cropped.
    package let left: Int
    package let top: Int
    /// The steps with reasons and costs, for people.
    package let stages: [PictureStage]

    /// The networks that are used, in order.
    package let networks: [ModelIdentity]
    /// Conversion before the learned mapping, which takes BT.709.
    package let lookInput: ColorPath?
    /// Conversion after the learned mapping, which gives PQ BT.2020.
    package let lookOutput: ColorPath?

    /// Whether every frame needs the table of its shot.
    package var needsConditions: Bool {
        if case .look = grade?.operation { return true }
        return false
    }

    /// Whether the light of every frame is measured.
    var meters: Bool { meter != nil || grade?.meters == true || finish?.grade.meters == true }

    /// Planes between the steps: 1 or 3.
    package var planeCount: Int { max(request.input.pixels.colorPlaneCount, request.output.pixels.colorPlaneCount) }

    /// Whether planes two and three have a grid of their own.
    var hasChromaPlanes: Bool { chroma != nil }

    /// Size of the picture after the scaler.
    package var size: PictureSize { request.scaled }

    /// Whether the picture fills the frame exactly.
    var fillsFrame: Bool { request.scaled == request.output.size }

    /// The part of the picture that the frame shows, in pixels of the picture: all of it unless it is cropped there.
    package var shown: PixelRect {
        let (x, y) = (max(-left, 0), max(-top, 0))
        let (right, bottom) = (min(size.width, request.output.size.width - left), min(size.height, request.output.size.height - top))
        return PixelRect(x: x, y: y, size: PictureSize(width: right - x, height: bottom - y))
    }

    /// Black pixels of the frame around the picture.
    var barPixels: Int { request.output.size.sampleCount - shown.size.sampleCount }

    /// Multiply-adds for each sample of the output.
    package var macPerPixel: Double {
        stages.reduce(0) { $0 + $1.macPerPixel * Double($1.outputSize.sampleCount) } / Double(request.output.size.sampleCount)
    }
}
