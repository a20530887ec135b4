package import Picture
import FoundationEssentials

/// What ingestion found out about a video: the contract's `VideoMetadata`.
package struct VideoMetadata: Hashable, Sendable, Codable {
    /// Short and long name of the container, such as `mov` and `QuickTime / MOV`.
    package var containerName: String?
    package var longContainerName: String?
    /// Short and long name of the codec, such as `prores` and `Apple ProRes`.
    package var codecName: String?
    package var longCodecName: String?
    /// FFmpeg's name, such as `yuv420p10le`.
    package var pixelFormatName: String?
    package var primaryBitDepth: Int?
    /// Visible size in luma samples.
    package var frameWidth: Int?
    package var frameHeight: Int?
    package var displayAspectRatio: AspectRatio?
    package var scanning: VideoScanning?
    package var averageFrameRate: FrameRate?
    package var durationInMillis: Int64?
    package var totalFrames: Int?
    /// Bytes of the file, and of its video stream.
    package var size: Int64?
    package var videoStreamSize: Int64?
    /// FFmpeg's names, such as `tv`, `bt709`, `smpte2084`, `bt2020`; absent when the file says nothing.
    package var colorRangeName: String?
    package var colorSpaceName: String?
    package var colorTransferName: String?
    package var colorPrimariesName: String?
    /// `HDR10`, `PQ10` or `HLG`; absent for SDR.
    package var hdrStandardName: String?

    package init() {}

    /// Width over height of the shown picture; `tag` such as `16:9` where it is a common one.
    package struct AspectRatio: Hashable, Sendable, Codable {
        package var ratio: Double
        package var tag: String?

        /// The ratio with two decimals, and its tag when it is within 1 % of a common one.
        package init(_ ratio: Double) {
            let common: [(String, Double)] = [
                ("1:1", 1), ("5:4", 1.25), ("4:3", 4.0 / 3), ("3:2", 1.5), ("16:10", 1.6), ("16:9", 16.0 / 9), ("1.85:1", 1.85),
                ("2:1", 2), ("21:9", 21.0 / 9), ("2.39:1", 2.39), ("9:16", 9.0 / 16),
            ]
            self.ratio = (ratio * 100).rounded() / 100
            tag = common.first { abs(ratio - $0.1) <= $0.1 * 0.01 }?.0
        }
    }

    /// What the file says about scanning, and what analysis of its pictures found.
    package struct VideoScanning: Hashable, Sendable, Codable {
        package var metadata: Scanning?
        package var heuristics: Scanning?

        package init(metadata: Scanning?, heuristics: Scanning? = nil) {
            self.metadata = metadata
            self.heuristics = heuristics
        }
    }

    /// The contract's names of scan types.
    package enum Scanning: String, CaseIterable, Sendable, Codable {
        case progressive = "PROGRESSIVE"
        case interlacedTopFirst = "INTERLACED_TOP_FIRST"
        case interlacedBottomFirst = "INTERLACED_BOTTOM_FIRST"

        /// Nil when nothing is known.
        package init?(_ order: FieldOrder) {
            switch order {
            case .unspecified: return nil
            case .progressive: self = .progressive
            case .topFirst: self = .interlacedTopFirst
            case .bottomFirst: self = .interlacedBottomFirst
            }
        }
    }

    /// Frames per second as a number with three decimals and as `n:d`.
    package struct FrameRate: Hashable, Sendable, Codable {
        package var frameRate: Double
        package var rational: String

        package init(numerator: Int64, denominator: Int64) {
            frameRate = (Double(numerator) / Double(denominator) * 1000).rounded() / 1000
            rational = "\(numerator):\(denominator)"
        }
    }

    /// The contract's JSON text, compact, members in alphabetical order: what is kept and what is answered.
    package func jsonText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
