/// The wished treatment of a video: the twin of the contract's `VideoProcessingConfigurationOptions`. Everything in it
/// is optional; what absence means is settled by `validated(for:)`.
package struct ProcessingOptions: Hashable, Sendable, Codable {
    /// Settles codec, pixel format, bit rate and container family; wins over `encodingConfiguration`.
    package var encodingProfile: EncodingProfile?
    package var encodingConfiguration: EncodingConfiguration?
    package var container: MediaContainer?
    package var filters: Filters?
    package var filterSettings: FilterSettings?
    package var processingSettings: ProcessingSettings?

    package init(
        encodingProfile: EncodingProfile? = nil, encodingConfiguration: EncodingConfiguration? = nil, container: MediaContainer? = nil,
        filters: Filters? = nil, filterSettings: FilterSettings? = nil, processingSettings: ProcessingSettings? = nil
    ) {
        self.encodingProfile = encodingProfile
        self.encodingConfiguration = encodingConfiguration
        self.container = container
        self.filters = filters
        self.filterSettings = filterSettings
        self.processingSettings = processingSettings
    }
}

extension ProcessingOptions {
    /// Codec, pixel format and bit rate of the output, each optional.
    package struct EncodingConfiguration: Hashable, Sendable, Codable {
        package var codec: Codec?
        package var pixelFormat: PixelFormat?
        /// In bit/s, at least 10 000; chosen by the encoder from the picture when absent.
        package var bitrate: Int64?

        /// Bits a second that can be asked for: the contract's least, and what every encoder can count.
        static let bitrates: ClosedRange<Int64> = 10_000...2_000_000_000

        package init(codec: Codec? = nil, pixelFormat: PixelFormat? = nil, bitrate: Int64? = nil) {
            self.codec = codec
            self.pixelFormat = pixelFormat
            self.bitrate = bitrate
        }
    }

    /// The codecs that can be configured freely.
    package enum Codec: String, CaseIterable, Sendable, Codable {
        case h264 = "H264"
        case mpeg2 = "MPEG2"
        case hevc = "HEVC"
        case xdcam = "XDCAM"
        case ffv1 = "FFV1"
    }

    /// Layout of the coded samples.
    package struct PixelFormat: Hashable, Sendable, Codable {
        /// 4:2:0 when absent.
        package var yuv: ChromaSubsampling?
        /// 8 when absent.
        package var bitDepth: BitDepth?

        package init(yuv: ChromaSubsampling? = nil, bitDepth: BitDepth? = nil) {
            self.yuv = yuv
            self.bitDepth = bitDepth
        }
    }

    /// How many chroma samples there are for a group of luma samples.
    package enum ChromaSubsampling: String, CaseIterable, Sendable, Codable {
        case yuv420 = "4:2:0"
        case yuv422 = "4:2:2"
        case yuv444 = "4:4:4"
    }

    /// Bits of a coded sample.
    package enum BitDepth: Int, CaseIterable, Sendable, Codable, Comparable {
        case eight = 8
        case ten = 10
        case twelve = 12

        package static func < (left: BitDepth, right: BitDepth) -> Bool { left.rawValue < right.rawValue }
    }

    /// The file formats a rendition can have.
    package enum MediaContainer: String, CaseIterable, Sendable, Codable {
        case mov = "MOV"
        case mxf = "MXF"
        case mp4 = "MP4"
        case mpegTS = "MPEGTS"
    }

    /// At most one filter a slot; slots stand in the order of the pipeline.
    package struct Filters: Hashable, Sendable, Codable {
        package var deinterlacer: Deinterlacer?
        package var reshaper: Reshaper?
        package var prescaler: Prescaler?
        package var denoiser: Denoiser?
        package var stabilizer: Stabilizer?
        package var augmenter: Augmenter?
        package var scaler: Scaler?
        package var frameRateConverter: FrameRateConverter?
        package var debander: Debander?
        package var postProcessor: PostProcessor?

        package init(scaler: Scaler? = nil) { self.scaler = scaler }
    }

    package enum Deinterlacer: String, CaseIterable, Sendable, Codable {
        /// Neural; doubles the frame rate.
        case deint = "DEINT"
        case yadif = "YADIF"
        case bwdif = "BWDIF"
        case weston3F = "WESTON3F"

        /// Whether a frame comes of each field; else one of each frame.
        package var doublesFrameRate: Bool { self != .yadif }
    }

    package enum Reshaper: String, CaseIterable, Sendable, Codable {
        case crop = "CROP"
    }

    /// Brings once-upscaled footage back to its native size before everything else.
    package enum Prescaler: String, CaseIterable, Sendable, Codable {
        /// Bicubic.
        case scale = "SCALE"
    }

    package enum Denoiser: String, CaseIterable, Sendable, Codable {
        /// Neural.
        case denoise = "DENOISE"
        case hqdn3D = "HQDN3D"
    }

    package enum Stabilizer: String, CaseIterable, Sendable, Codable {
        /// Neural; realigns the scan lines of transferred tape.
        case dejit = "DEJIT"
    }

    package enum Augmenter: String, CaseIterable, Sendable, Codable {
        case faceForward = "FACEFORWARD"
    }

    package enum Scaler: String, CaseIterable, Sendable, Codable {
        /// Restoration and super-resolution, in three variants.
        case dvres2 = "DVRES2"
        /// Its predecessor; high definition at most.
        case dvres = "DVRES"
        /// Super-resolution with a clarity boost; four times the displayed size at most.
        case pabsr1 = "PABSR1"
        /// Bicubic, up or down.
        case scale = "SCALE"
    }

    package enum FrameRateConverter: String, CaseIterable, Sendable, Codable {
        /// Neural interpolation.
        case vfi = "VFI"
        /// Drops or repeats frames.
        case fps = "FPS"
        case frameBlend = "FBLEND"
        case motionInterpolate = "MCINTERPOLATE"
    }

    package enum Debander: String, CaseIterable, Sendable, Codable {
        case gradFun = "GRADFUN"
    }

    package enum PostProcessor: String, CaseIterable, Sendable, Codable {
        case filmGrain = "FILMGRAIN"
    }
}
