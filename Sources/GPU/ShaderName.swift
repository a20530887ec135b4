// Written by Scripts/shaders from the files in Shaders/; a new kernel is a new file there.

/// A compute kernel of `Shaders/`, or one of its variants in `Shaders/variants.txt`.
///
/// The raw value is its place in the table of embedded SPIR-V.
package enum ShaderName: Int, CaseIterable, Sendable {
    /// `Shaders/line_cost.comp`.
    case lineCost = 0
    /// `Shaders/line_place.comp`.
    case linePlace = 1
    /// `Shaders/line_slope.comp`.
    case lineSlope = 2
    /// `Shaders/memory_combine.comp`.
    case memoryCombine = 3
    /// `Shaders/memory_fill.comp`.
    case memoryFill = 4
    /// `Shaders/net_combine.comp`.
    case netCombine = 5
    /// `Shaders/net_combine.comp` with -DHALF=1.
    case netCombineHalf = 6
    /// `Shaders/net_convolve.comp`.
    case netConvolve = 7
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=16.
    case netConvolveK1O16 = 8
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=4.
    case netConvolveK1O4 = 9
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=4 -DTILE_X=4 -DTILE_Y=2.
    case netConvolveK1O4Small = 10
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=4 -DTILE_X=4 -DTILE_Y=2 -DHALF=1.
    case netConvolveK1O4SmallHalf = 11
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=8.
    case netConvolveK1O8 = 12
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=8 -DTILE_X=4 -DTILE_Y=2.
    case netConvolveK1O8Small = 13
    /// `Shaders/net_convolve.comp` with -DKERNEL=1 -DOUTPUTS=8 -DTILE_X=4 -DTILE_Y=2 -DHALF=1.
    case netConvolveK1O8SmallHalf = 14
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=12.
    case netConvolveK3O12 = 15
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=16.
    case netConvolveK3O16 = 16
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=24.
    case netConvolveK3O24 = 17
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=4.
    case netConvolveK3O4 = 18
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=4 -DTILE_X=4 -DTILE_Y=2.
    case netConvolveK3O4Small = 19
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=4 -DTILE_X=4 -DTILE_Y=2 -DHALF=1.
    case netConvolveK3O4SmallHalf = 20
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=8.
    case netConvolveK3O8 = 21
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=8 -DTILE_X=4 -DTILE_Y=2.
    case netConvolveK3O8Small = 22
    /// `Shaders/net_convolve.comp` with -DKERNEL=3 -DOUTPUTS=8 -DTILE_X=4 -DTILE_Y=2 -DHALF=1.
    case netConvolveK3O8SmallHalf = 23
    /// `Shaders/net_convolve_plain.comp`.
    case netConvolvePlain = 24
    /// `Shaders/net_convolve_plain.comp` with -DHALF=1.
    case netConvolvePlainHalf = 25
    /// `Shaders/net_export.comp`.
    case netExport = 26
    /// `Shaders/net_export.comp` with -DHALF=1.
    case netExportHalf = 27
    /// `Shaders/net_import.comp`.
    case netImport = 28
    /// `Shaders/net_import.comp` with -DHALF=1.
    case netImportHalf = 29
    /// `Shaders/net_linear.comp`.
    case netLinear = 30
    /// `Shaders/net_modulate.comp`.
    case netModulate = 31
    /// `Shaders/net_modulate.comp` with -DHALF=1.
    case netModulateHalf = 32
    /// `Shaders/net_resize.comp`.
    case netResize = 33
    /// `Shaders/net_resize.comp` with -DHALF=1.
    case netResizeHalf = 34
    /// `Shaders/net_shuffle.comp`.
    case netShuffle = 35
    /// `Shaders/net_shuffle.comp` with -DHALF=1.
    case netShuffleHalf = 36
    /// `Shaders/net_sum_rows.comp`.
    case netSumRows = 37
    /// `Shaders/net_sum_rows.comp` with -DHALF=1.
    case netSumRowsHalf = 38
    /// `Shaders/net_transpose.comp`.
    case netTranspose = 39
    /// `Shaders/net_transpose.comp` with -DHALF=1.
    case netTransposeHalf = 40
    /// `Shaders/net_warp.comp`.
    case netWarp = 41
    /// `Shaders/net_warp.comp` with -DHALF=1.
    case netWarpHalf = 42
    /// `Shaders/picture_grade.comp`.
    case pictureGrade = 43
    /// `Shaders/picture_grade.comp` with -DLOCAL=1.
    case pictureGradeLocal = 44
    /// `Shaders/picture_survey.comp`.
    case pictureSurvey = 45
    /// `Shaders/plane_average.comp`.
    case planeAverage = 46
    /// `Shaders/plane_deband.comp`.
    case planeDeband = 47
    /// `Shaders/plane_enlarge.comp`.
    case planeEnlarge = 48
    /// `Shaders/plane_enlarge.comp` with -DVERTICAL=1.
    case planeEnlargeVertical = 49
    /// `Shaders/plane_grain.comp`.
    case planeGrain = 50
    /// `Shaders/plane_lock.comp`.
    case planeLock = 51
    /// `Shaders/plane_quantise.comp`.
    case planeQuantise = 52
    /// `Shaders/plane_resample.comp`.
    case planeResample = 53
    /// `Shaders/plane_resample.comp` with -DVERTICAL=1.
    case planeResampleVertical = 54
    /// `Shaders/plane_unpack.comp`.
    case planeUnpack = 55

    /// Name of the binary in `Shaders/spirv/`, without its extension.
    package var binaryName: String {
        switch self {
        case .lineCost: "line_cost"
        case .linePlace: "line_place"
        case .lineSlope: "line_slope"
        case .memoryCombine: "memory_combine"
        case .memoryFill: "memory_fill"
        case .netCombine: "net_combine"
        case .netCombineHalf: "net_combine_half"
        case .netConvolve: "net_convolve"
        case .netConvolveK1O16: "net_convolve_k1_o16"
        case .netConvolveK1O4: "net_convolve_k1_o4"
        case .netConvolveK1O4Small: "net_convolve_k1_o4_small"
        case .netConvolveK1O4SmallHalf: "net_convolve_k1_o4_small_half"
        case .netConvolveK1O8: "net_convolve_k1_o8"
        case .netConvolveK1O8Small: "net_convolve_k1_o8_small"
        case .netConvolveK1O8SmallHalf: "net_convolve_k1_o8_small_half"
        case .netConvolveK3O12: "net_convolve_k3_o12"
        case .netConvolveK3O16: "net_convolve_k3_o16"
        case .netConvolveK3O24: "net_convolve_k3_o24"
        case .netConvolveK3O4: "net_convolve_k3_o4"
        case .netConvolveK3O4Small: "net_convolve_k3_o4_small"
        case .netConvolveK3O4SmallHalf: "net_convolve_k3_o4_small_half"
        case .netConvolveK3O8: "net_convolve_k3_o8"
        case .netConvolveK3O8Small: "net_convolve_k3_o8_small"
        case .netConvolveK3O8SmallHalf: "net_convolve_k3_o8_small_half"
        case .netConvolvePlain: "net_convolve_plain"
        case .netConvolvePlainHalf: "net_convolve_plain_half"
        case .netExport: "net_export"
        case .netExportHalf: "net_export_half"
        case .netImport: "net_import"
        case .netImportHalf: "net_import_half"
        case .netLinear: "net_linear"
        case .netModulate: "net_modulate"
        case .netModulateHalf: "net_modulate_half"
        case .netResize: "net_resize"
        case .netResizeHalf: "net_resize_half"
        case .netShuffle: "net_shuffle"
        case .netShuffleHalf: "net_shuffle_half"
        case .netSumRows: "net_sum_rows"
        case .netSumRowsHalf: "net_sum_rows_half"
        case .netTranspose: "net_transpose"
        case .netTransposeHalf: "net_transpose_half"
        case .netWarp: "net_warp"
        case .netWarpHalf: "net_warp_half"
        case .pictureGrade: "picture_grade"
        case .pictureGradeLocal: "picture_grade_local"
        case .pictureSurvey: "picture_survey"
        case .planeAverage: "plane_average"
        case .planeDeband: "plane_deband"
        case .planeEnlarge: "plane_enlarge"
        case .planeEnlargeVertical: "plane_enlarge_vertical"
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
