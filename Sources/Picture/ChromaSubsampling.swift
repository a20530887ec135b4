/// How much smaller the chroma planes are than the luma plane.
package enum ChromaSubsampling: String, Sendable, Codable, CaseIterable {
    /// No chroma at all.
    case gray
    case yuv444
    case yuv440
    case yuv422
    case yuv420
    case yuv411
    case yuv410

    /// Binary logarithm of the horizontal reduction.
    package var horizontalShift: Int {
        switch self {
        case .gray, .yuv444, .yuv440: 0
        case .yuv422, .yuv420: 1
        case .yuv411, .yuv410: 2
        }
    }

    /// Binary logarithm of the vertical reduction.
    package var verticalShift: Int {
        switch self {
        case .gray, .yuv444, .yuv422, .yuv411: 0
        case .yuv440, .yuv420: 1
        case .yuv410: 2
        }
    }

    /// The digits in FFmpeg's names of formats: `420` of `yuv420p10le`.
    var digits: String { self == .gray ? "" : String(rawValue.dropFirst(3)) }
}

/// What the planes of a picture hold.
package enum ColorModel: String, Sendable, Codable, CaseIterable {
    /// One plane of luma.
    case gray
    /// Luma and two color differences.
    case ycbcr
    /// Green, blue, red: the order in which codecs store them.
    case rgb
}
