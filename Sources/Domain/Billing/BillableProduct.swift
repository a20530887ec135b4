/// What a job is made of and priced by: one filter, one conversion of dynamic range, or one encoder. Raw values are the
/// keys of rate cards and of the table of measurements.
package enum BillableProduct: String, CaseIterable, Sendable {
    case deint = "DEINT"
    case yadif = "YADIF"
    case bwdif = "BWDIF"
    case weston3F = "WESTON3F"
    case crop = "CROP"
    case prescale = "PRESCALE"
    case denoise = "DENOISE"
    case hqdn3D = "HQDN3D"
    case dejit = "DEJIT"
    case faceForward = "FACEFORWARD"
    case dvres2 = "DVRES2"
    case dvres = "DVRES"
    case pabsr1 = "PABSR1"
    case scale = "SCALE"
    case vfi = "VFI"
    case fps = "FPS"
    case frameBlend = "FBLEND"
    case motionInterpolate = "MCINTERPOLATE"
    case infiniteHDR = "INFINITEHDR"
    case inverseToneMap = "INVERSE_TONE_MAP"
    case toneMap = "TONE_MAP"
    case gradFun = "GRADFUN"
    case filmGrain = "FILMGRAIN"
    case h264 = "H264"
    case hevc = "HEVC"
    case mpeg2 = "MPEG2"
    case xdcam = "XDCAM"
    case ffv1 = "FFV1"
    case proRes = "PRORES"
    case dnxhd = "DNXHD"
    case dnxhr = "DNXHR"

    /// The product as invoices name it.
    package var name: String {
        switch self {
        case .deint: "Deinterlacer"
        case .yadif: "YADIF Deinterlacer"
        case .bwdif: "BWDIF Deinterlacer"
        case .weston3F: "Weston 3-Field Deinterlacer"
        case .crop: "Crop"
        case .prescale: "Prescaler"
        case .denoise: "Denoiser"
        case .hqdn3D: "HQDN3D Denoiser"
        case .dejit: "Dejitterer"
        case .faceForward: "Face Forward"
        case .dvres2: "Deep Restoration 2"
        case .dvres: "Deep Restoration"
        case .pabsr1: "Super Resolution"
        case .scale: "Bicubic Scaler"
        case .vfi: "Video Frame Interpolation"
        case .fps: "Frame Rate Adjuster"
        case .frameBlend: "Frame Blender"
        case .motionInterpolate: "Motion-Compensated Interpolation"
        case .infiniteHDR: "InfiniteHDR"
        case .inverseToneMap: "Inverse Tone Mapper"
        case .toneMap: "Tone Mapper"
        case .gradFun: "Debander"
        case .filmGrain: "Film Grain"
        case .h264: "H.264 / AVC"
        case .hevc: "H.265 / HEVC"
        case .mpeg2: "MPEG-2"
        case .xdcam: "XDCAM"
        case .ffv1: "FFV1"
        case .proRes: "ProRes"
        case .dnxhd: "DNxHD"
        case .dnxhr: "DNxHR"
        }
    }

    package var isEncoder: Bool {
        switch self {
        case .h264, .hevc, .mpeg2, .xdcam, .ffv1, .proRes, .dnxhd, .dnxhr: true
        default: false
        }
    }

    init(_ codec: OutputCodec) {
        self =
            switch codec {
            case .h264: .h264
            case .hevc: .hevc
            case .mpeg2: .mpeg2
            case .xdcam: .xdcam
            case .ffv1: .ffv1
            case .proRes: .proRes
            case .dnxhd: .dnxhd
            case .dnxhr: .dnxhr
            }
    }

    init(_ filter: ProcessingOptions.Deinterlacer) {
        self =
            switch filter {
            case .deint: .deint
            case .yadif: .yadif
            case .bwdif: .bwdif
            case .weston3F: .weston3F
            }
    }

    init(_ filter: ProcessingOptions.FrameRateConverter) {
        self =
            switch filter {
            case .vfi: .vfi
            case .fps: .fps
            case .frameBlend: .frameBlend
            case .motionInterpolate: .motionInterpolate
            }
    }

    init(_ filter: ProcessingRecipe.ScalingFilter) {
        self =
            switch filter {
            case .deepRestoration2: .dvres2
            case .deepRestoration: .dvres
            case .superResolution: .pabsr1
            case .bicubic: .scale
            }
    }
}
