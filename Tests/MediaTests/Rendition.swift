import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// Colors and HDR metadata of the headline recipe.
enum HDR10 {
    static let tags = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited, siting: .topLeft)
    static let metadata = StaticHDRMetadata(
        masteringDisplay: .p3D65(maxLuminance: 1000, minLuminance: 0.005), lightLevel: CodedLightLevel(maxCLL: 800, maxFALL: 200))
}

extension EncoderRequest {
    /// Small and quick H.265 of what an index describes.
    static func quick(
        _ layout: FrameLayout, _ index: FrameIndex, tags: ColorTags = HDR10.tags, hdr: StaticHDRMetadata = HDR10.metadata,
        settings: EncodingSettings = .hevc(HEVCSettings(rateControl: .quality(30), preset: .ultrafast)), ratio: Rational = Rational(1, 1),
        keyframeInterval: Int = 10
    ) -> EncoderRequest {
        let rate =
            switch index.frameRate {
            case .constant(let rate), .variable(average: let rate): rate
            }
        return EncoderRequest(
            layout: layout, timebase: index.timebase, frameRate: rate, sampleAspectRatio: ratio, colorTags: tags, hdr: hdr,
            settings: settings, keyframeInterval: keyframeInterval)
    }
}

/// Decodes and codes a range in segments; the paths of their logs.
func encode(
    _ path: String, _ index: FrameIndex, _ range: FrameRange, cuts: [Int] = [], into folder: Folder, name: String = "segment",
    threads: Int = 1, request: (FrameLayout) -> EncoderRequest
) throws -> [String] {
    let bounds = [range.start] + cuts + [range.end]
    return try zip(bounds, bounds.dropFirst()).enumerated().map { number, bound in
        let reader = try FrameReader(path: path, index: index, range: FrameRange(bound.0, bound.1), context: .test)
        let encoder = try VideoEncoder(request(reader.layout), threads: threads, context: .test)
        let log = folder.file("\(name)-\(number)")
        let writer = try PacketLogWriter(path: log, parameters: encoder.parameters)
        while var frame = try reader.next() {
            frame.presentationTime -= index.times[range.start]
            try encoder.encode(frame, to: writer)
        }
        try encoder.finish(to: writer)
        #expect(try writer.finish().frameCount == bound.1 - bound.0)
        return log
    }
}

/// Joins logs into a file and gives the report beside its path.
func assemble(
    _ segments: [String], source: String?, _ index: FrameIndex, _ range: FrameRange, container: RenditionContainer = .mov,
    into folder: Folder, name: String = "rendition"
) throws -> (path: String, report: AssemblyReport) {
    let path = folder.file("\(name).\(container.fileExtension)")
    let request = AssemblyRequest(
        segments: segments, source: source, index: index, range: range, container: container, destination: path,
        expectedFrames: range.count)
    return (path, try SegmentAssembler.assemble(request, context: .test))
}

func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
