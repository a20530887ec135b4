// Written by Scripts/shaders from the files in Shaders/; a new kernel is a new file there.

/// A compute kernel of `Shaders/`, or one of its variants in `Shaders/variants.txt`.
///
/// The raw value is its place in the table of embedded SPIR-V.
package enum ShaderName: Int, CaseIterable, Sendable {
    /// `Shaders/memory_combine.comp`.
    case memoryCombine = 0
    /// `Shaders/memory_fill.comp`.
    case memoryFill = 1
    /// `Shaders/picture_grade.comp`.
    case pictureGrade = 2
    /// `Shaders/plane_average.comp`.
    case planeAverage = 3
    /// `Shaders/plane_deband.comp`.
    case planeDeband = 4
    /// `Shaders/plane_grain.comp`.
    case planeGrain = 5
    /// `Shaders/plane_lock.comp`.
    case planeLock = 6
    /// `Shaders/plane_quantise.comp`.
    case planeQuantise = 7
    /// `Shaders/plane_resample.comp`.
    case planeResample = 8
    /// `Shaders/plane_resample.comp` with -DVERTICAL=1.
    case planeResampleVertical = 9
    /// `Shaders/plane_unpack.comp`.
    case planeUnpack = 10

    /// Name of the binary in `Shaders/spirv/`, without its extension.
    package var binaryName: String {
        switch self {
        case .memoryCombine: "memory_combine"
        case .memoryFill: "memory_fill"
        case .pictureGrade: "picture_grade"
        case .planeAverage: "plane_average"
        case .planeDeband: "plane_deband"
        case .planeGrain: "plane_grain"
        case .planeLock: "plane_lock"
        case .planeQuantise: "plane_quantise"
        case .planeResample: "plane_resample"
        case .planeResampleVertical: "plane_resample_vertical"
        case .planeUnpack: "plane_unpack"
        }
    }

    /// Version line of the compiler that made the binaries.
    package static let compiler = "shaderc 2023.2-1"
}
