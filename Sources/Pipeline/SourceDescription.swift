import ColorScience
package import Domain
package import Media
import Picture
package import Primitives

extension IngestedSource {
    /// The upright picture of the file in the words of a recipe; nil when its pixel format has no planar form here.
    package var format: SourceFormat? {
        let video = description.video
        guard let pixels = video.format, pixels.subsampling != .yuv411 || video.rotation % 180 == 0 else { return nil }
        let turns = video.rotation / 90
        let aspect = video.sampleAspectRatio
        var tags = video.colorTags
        // 4:2:0 of turned pictures whose file says nothing is where every other picture's is.
        if tags.siting == .unspecified, turns != 0 || video.isMirrored == true { tags.siting = .left }
        tags.siting = QuarterTurn.siting(tags.siting, turns: turns, mirrored: video.isMirrored == true)
        return SourceFormat(
            size: QuarterTurn.size(video.visibleSize, turns: turns),
            sampleAspectRatio: turns % 2 == 0 ? aspect : aspect.reciprocal ?? aspect,
            frameRate: index.frameRate.constantRate, durationMilliseconds: durationMilliseconds, fieldOrder: video.fieldOrder,
            isTurned: turns % 4 != 0 || video.isMirrored == true, format: QuarterTurn.format(pixels, turns: turns), tags: tags)
    }

    /// From the first frame to the end of the last.
    private var durationMilliseconds: Int {
        Int(MediaTime(index.endTime - (index.times.first ?? 0), index.timebase).rescaled(to: Rational(1, 1000)).value)
    }

    /// The contract's `VideoMetadata`: what the file says of itself, names as FFmpeg prints them.
    package var metadata: VideoMetadata {
        let video = description.video
        let size = QuarterTurn.size(video.visibleSize, turns: video.rotation / 90)
        let shape = video.rotation % 180 == 0 ? video.displayAspectRatio : video.displayAspectRatio.reciprocal ?? video.displayAspectRatio
        let rate = index.frameRate.meanRate
        var metadata = VideoMetadata()
        metadata.containerName = description.containerName
        metadata.longContainerName = description.longContainerName
        metadata.codecName = video.codecName
        metadata.longCodecName = video.longCodecName
        metadata.pixelFormatName = video.pixelFormatName
        metadata.primaryBitDepth = video.bitDepth
        metadata.frameWidth = size.width
        metadata.frameHeight = size.height
        metadata.displayAspectRatio = VideoMetadata.AspectRatio(shape.double)
        metadata.scanning = VideoMetadata.VideoScanning(metadata: VideoMetadata.Scanning(video.fieldOrder))
        metadata.averageFrameRate = VideoMetadata.FrameRate(numerator: rate.numerator, denominator: rate.denominator)
        metadata.durationInMillis = Int64(durationMilliseconds)
        metadata.totalFrames = index.count
        metadata.size = description.byteCount
        metadata.videoStreamSize = index.videoBytes
        metadata.colorRangeName = video.colorTags.range.ffmpegName
        metadata.colorSpaceName = video.colorTags.matrix.ffmpegName
        metadata.colorTransferName = video.colorTags.transfer.ffmpegName
        metadata.colorPrimariesName = video.colorTags.primaries.ffmpegName
        metadata.hdrStandardName =
            switch video.colorTags.transfer {
            case .pq: video.hdr.masteringDisplay != nil || video.hdr.lightLevel != nil ? "HDR10" : "PQ10"
            case .hlg: "HLG"
            default: nil
            }
        return metadata
    }
}

extension FrameRateKind {
    /// The rate when it is constant, in frames a second.
    package var constantRate: Rational? {
        if case .constant(let rate) = self { rate } else { nil }
    }

    /// The mean rate, in frames a second.
    package var meanRate: Rational {
        switch self {
        case .constant(let rate): rate
        case .variable(let average): average
        }
    }
}
