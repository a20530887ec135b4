import ColorScience

// The names that FFmpeg prints for H.273 code points; nil where the signal says nothing.

extension ColorRange {
    var ffmpegName: String? {
        switch self {
        case .unspecified: nil
        case .limited: "tv"
        case .full: "pc"
        }
    }
}

extension ColorPrimaries {
    var ffmpegName: String? {
        switch self {
        case .unspecified: nil
        case .bt709: "bt709"
        case .bt470M: "bt470m"
        case .bt470BG: "bt470bg"
        case .smpte170M: "smpte170m"
        case .smpte240M: "smpte240m"
        case .film: "film"
        case .bt2020: "bt2020"
        case .smpte428: "smpte428"
        case .smpte431: "smpte431"
        case .smpte432: "smpte432"
        case .ebu3213: "ebu3213"
        }
    }
}

extension TransferFunction {
    var ffmpegName: String? {
        switch self {
        case .unspecified: nil
        case .bt709: "bt709"
        case .gamma22: "bt470m"
        case .gamma28: "bt470bg"
        case .smpte170M: "smpte170m"
        case .smpte240M: "smpte240m"
        case .linear: "linear"
        case .logarithmic100: "log100"
        case .logarithmic316: "log316"
        case .iec61966Part24: "iec61966-2-4"
        case .bt1361: "bt1361e"
        case .srgb: "iec61966-2-1"
        case .bt2020TenBit: "bt2020-10"
        case .bt2020TwelveBit: "bt2020-12"
        case .pq: "smpte2084"
        case .smpte428: "smpte428"
        case .hlg: "arib-std-b67"
        }
    }
}

extension MatrixCoefficients {
    var ffmpegName: String? {
        switch self {
        case .unspecified: nil
        case .identity: "gbr"
        case .bt709: "bt709"
        case .fcc: "fcc"
        case .bt470BG: "bt470bg"
        case .smpte170M: "smpte170m"
        case .smpte240M: "smpte240m"
        case .ycgco: "ycgco"
        case .bt2020NCL: "bt2020nc"
        case .bt2020CL: "bt2020c"
        case .smpte2085: "smpte2085"
        case .chromaDerivedNCL: "chroma-derived-nc"
        case .chromaDerivedCL: "chroma-derived-c"
        case .ictcp: "ictcp"
        }
    }
}
