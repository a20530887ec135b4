import ColorScience
import Picture

/// The device work of a program as data: virtual buffers and the kernels between them, in order. Buffers are handed on
/// as soon as their last reader is recorded, so that `bufferSizes` is what a frame needs at once.
struct PassPlan {
    /// Where a kernel reads or writes.
    enum Place: Hashable, Sendable {
        /// A plane of floats of this plan.
        case plane(Int)
        /// Plane n of the packed input.
        case input(Int)
        /// Plane n of the packed output.
        case output(Int)
    }

    enum Work: Sendable {
        case unpack(from: Int, to: Int, UnpackParameters, samplesPerWord: Int)
        case resample(axis: ResampleAxis, vertical: Bool, from: Int, to: Int, other: Int)
        case network(SuperResolutionStep, from: Int, to: Int)
        /// The chroma network: luma and both chroma planes in, both chroma planes out, all of one size.
        case guide(ModelIdentity, luma: Int, from: [Int], to: [Int], size: PictureSize)
        case average(from: Int, to: Int, size: PictureSize, block: Int)
        case lock(plane: Int, wanted: Int, found: Int, size: PictureSize, block: Int, deadZone: Float)
        case clear(Int)
        /// Maps of the picture for networks that see it whole, one below the other.
        case survey(SurveyGrid, toRGB: Matrix3, from: [Int], to: Int)
        case reconstruct(HighlightPlan, from: Int, to: Int)
        case modulate(LocalPlan, from: Int, to: Int)
        case grade(GradeStep, from: [Int], gains: Gains, to: [Place], size: PictureSize, isGray: Bool)
        case deband(from: Int, means: Int, to: Int, size: PictureSize, block: Int, threshold: Float)
        case grain(plane: Int, size: PictureSize)
        case quantise(from: Int, plane: Int, QuantiseStep)
    }

    /// Planes of gains, where a step has them.
    struct Gains: Hashable, Sendable {
        var highlights: Int?
        var places: Int?

        static let none = Gains()
        /// Those that there are.
        var planes: [Int] { [highlights, places].compactMap { $0 } }
    }

    /// One kernel, and the stage that its time counts to.
    struct Pass: Sendable {
        let stage: PictureStage.Kind
        let work: Work
    }

    private(set) var passes: [Pass] = []
    /// Bytes of each buffer.
    private(set) var bufferSizes: [Int] = []
    private var free: [Int] = []

    /// A buffer for a plane: one that is free and has the same size, else a new one.
    mutating func take(_ size: PictureSize) -> Int {
        let bytes = max(size.sampleCount * 4, 16)
        if let place = free.firstIndex(where: { bufferSizes[$0] == bytes }) { return free.remove(at: place) }
        bufferSizes.append(bytes)
        return bufferSizes.count - 1
    }

    /// Says that no later kernel reads the buffer.
    mutating func give(back buffer: Int) { free.append(buffer) }

    mutating func add(_ stage: PictureStage.Kind, _ work: Work) { passes.append(Pass(stage: stage, work: work)) }
}

/// How one plane is reduced, placed and rounded.
struct QuantiseStep: Sendable {
    let sourceSize: PictureSize
    let columns: ChromaReduction
    let rows: ChromaReduction
    /// Of the plane of the output frame.
    let outputSize: PictureSize
    /// Of the picture in that plane.
    let pictureSize: PictureSize
    let left: Int
    let top: Int
    let codes: SampleCodes
    let bytesPerSample: Int
    let rowWords: Int
}
