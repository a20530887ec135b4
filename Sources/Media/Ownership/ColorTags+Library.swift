import CLibAV
import ColorScience
import Picture

extension ColorTags {
    /// Code points that the tables reserve count as unspecified.
    init(
        primaries: AVColorPrimaries, transfer: AVColorTransferCharacteristic, matrix: AVColorSpace, range: AVColorRange,
        siting: AVChromaLocation
    ) {
        let knownRange: ColorRange =
            switch range {
            case AVCOL_RANGE_MPEG: .limited
            case AVCOL_RANGE_JPEG: .full
            default: .unspecified
            }
        // The library counts sitings from 1, H.273 from 0.
        let knownSiting = siting == AVCHROMA_LOC_UNSPECIFIED ? nil : ChromaSiting(rawValue: Int(siting.rawValue) - 1)
        self.init(
            primaries: ColorPrimaries(rawValue: Int(primaries.rawValue)) ?? .unspecified,
            transfer: TransferFunction(rawValue: Int(transfer.rawValue)) ?? .unspecified,
            matrix: MatrixCoefficients(rawValue: Int(matrix.rawValue)) ?? .unspecified, range: knownRange,
            siting: knownSiting ?? .unspecified)
    }

    init(_ frame: AVFrame) {
        self.init(
            primaries: frame.color_primaries, transfer: frame.color_trc, matrix: frame.colorspace, range: frame.color_range,
            siting: frame.chroma_location)
        if PixelFormat.isFullRangeByName(AVPixelFormat(frame.format)) { range = .full }
    }

    init(_ parameters: AVCodecParameters) {
        self.init(
            primaries: parameters.color_primaries, transfer: parameters.color_trc, matrix: parameters.color_space,
            range: parameters.color_range, siting: parameters.chroma_location)
        if PixelFormat.isFullRangeByName(AVPixelFormat(parameters.format)) { range = .full }
    }

    /// These tags, and where they are silent those of `other`.
    func completed(by other: ColorTags) -> ColorTags {
        ColorTags(
            primaries: primaries == .unspecified ? other.primaries : primaries,
            transfer: transfer == .unspecified ? other.transfer : transfer,
            matrix: matrix == .unspecified ? other.matrix : matrix, range: range == .unspecified ? other.range : range,
            siting: siting == .unspecified ? other.siting : siting)
    }

    var libraryPrimaries: AVColorPrimaries { AVColorPrimaries(UInt32(primaries.rawValue)) }
    var libraryTransfer: AVColorTransferCharacteristic { AVColorTransferCharacteristic(UInt32(transfer.rawValue)) }
    var libraryMatrix: AVColorSpace { AVColorSpace(UInt32(matrix.rawValue)) }
    var librarySiting: AVChromaLocation { AVChromaLocation(UInt32(siting.rawValue + 1)) }
    var libraryRange: AVColorRange {
        switch range {
        case .unspecified: AVCOL_RANGE_UNSPECIFIED
        case .limited: AVCOL_RANGE_MPEG
        case .full: AVCOL_RANGE_JPEG
        }
    }
}
