extension ChromaSiting {
    /// Distance of the first chroma sample right of the first luma sample, in luma samples, where chroma is halved
    /// horizontally; nil when nothing is known.
    package var horizontalOffset: Double? {
        switch self {
        case .left, .topLeft, .bottomLeft: 0
        case .center, .top, .bottom: 0.5
        case .unspecified: nil
        }
    }

    /// Distance of the first chroma sample below the first luma sample, in luma samples of the frame, where chroma is
    /// halved vertically; nil when nothing is known.
    package var verticalOffset: Double? {
        switch self {
        case .topLeft, .top: 0
        case .left, .center: 0.5
        case .bottomLeft, .bottom: 1
        case .unspecified: nil
        }
    }
}
