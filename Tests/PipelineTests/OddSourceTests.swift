import Domain
import Foundation
import Media
import Pipeline
import Testing

/// Sources that tools get wrong: shown turned or mirrored, in full range, with palettes, with rounded times, with samples
/// that are not square. ffmpeg's own reading of the same file is the judge.
@Suite(.serialized) struct OddSourceTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let lossless = #"{"encodingConfiguration":{"codec":"FFV1"}}"#
    /// Without subsampling, so that ffmpeg's resampling of chroma does not count.
    private static let lossless444 = #"{"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:4:4","bitDepth":12}}}"#

    /// A smooth moving picture that looks different in every corner.
    private func source(_ name: String, size: String = "96x64", rate: String = "25", frames: Int = 3, _ arguments: [String]) throws
        -> String
    {
        try bench.clip(
            name,
            ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)", "-frames:v", "\(frames)"] + arguments)
    }

    @Test(
        "a display matrix of turns and mirrors is carried out as ffmpeg does",
        arguments: [
            [-1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, -1, -1, 0], [0, 1, -1, 0], [-1, 0, 0, -1], [0, -1, 1, 0], [1, 0, 0, 1],
        ])
    func orientation(_ matrix: [Double]) async throws {
        let path = try source("turned.mov", ["-pix_fmt", "yuv444p", "-c:v", "ffv1", "-color_range", "tv", "-strict", "-2"])
        try setDisplayMatrix(path, matrix)
        let (made, _) = try await bench.run(path, Self.lossless444)
        // ffmpeg turns pictures by the matrix unless it is told not to.
        let (left, right) = (
            try bench.samples(path, format: "yuv444p12le"), try bench.samples(made, format: "yuv444p12le")
        )
        // One code of the eight bits: numbers outside the legal range are brought into it.
        #expect(largestDifference(left, right) ?? .max <= 16)
    }

    @Test("turned pictures with half the chroma across keep it: phones store ProRes and Motion JPEG so")
    func turnedChroma() async throws {
        let path = try source("turned422.mov", ["-vf", "boxblur=3", "-pix_fmt", "yuv422p10le", "-c:v", "prores_ks"])
        try setDisplayMatrix(path, [0, 1, -1, 0])
        let (made, _) = try await bench.run(path, Self.lossless444)
        let (left, right) = (
            try bench.samples(path, format: "yuv444p12le"), try bench.samples(made, format: "yuv444p12le")
        )
        #expect(psnr(left, right, peak: 4095) > 32)
    }

    @Test("a picture that is shown at another angle is refused by its angle")
    func slanted() throws {
        let path = try source("slanted.mov", ["-pix_fmt", "yuv420p", "-c:v", "libx264"])
        let half = 0.5.squareRoot()
        try setDisplayMatrix(path, [half, half, -half, half])
        #expect(throws: MediaError.unsupported(.orientation("45.0° clockwise"))) { try bench.prepare(path, Self.lossless) }
        #expect(MediaError.unsupported(.orientation("45.0° clockwise")).explanation.contains("allowed are quarter turns"))
    }

    @Test(
        "full range becomes limited where the codec has no word for it, and stays where it has",
        arguments: [
            (#"{"encodingConfiguration":{"codec":"FFV1"}}"#, "tv"),
            (#"{"encodingProfile":"PRORES_422_HQ"}"#, "tv"),
            (#"{"encodingConfiguration":{"codec":"MPEG2","bitrate":20000000}}"#, "tv"),
            (#"{"encodingConfiguration":{"codec":"H264","bitrate":20000000}}"#, "pc"),
        ])
    func fullRange(_ options: String, _ range: String) async throws {
        let path = try source(
            "full.mkv", size: "320x192",
            [
                "-vf", "boxblur=2,scale=out_color_matrix=bt709:out_range=pc,format=yuv422p10le", "-c:v", "ffv1", "-level", "3",
                "-color_range", "pc", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            ])
        let (made, report) = try await bench.run(path, options)
        #expect(report.delivery.problems.isEmpty)
        let expected = try bench.samples(
            path, format: "yuv422p16le", filter: "scale=in_range=pc:out_range=\(range):flags=bicubic+accurate_rnd")
        let found = try bench.samples(
            made, format: "yuv422p16le", filter: "setparams=range=\(range),scale=in_range=\(range):out_range=\(range)")
        #expect(psnr(expected, found, peak: 65535) > 36)
        if range == "pc" { #expect(try probe(made)["color_range"] == "pc") }
    }

    @Test("full range that is asked for of a codec without a word for it is refused, with the codecs that have one")
    func refusedRange() throws {
        let path = try source("range.mkv", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let options =
            #"{"encodingProfile":"PRORES_422_HQ","processingSettings":{"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"colorRange":"FULL"}}}}"#
        let failure = #expect(throws: ValidationFailure.self) { try bench.prepare(path, options) }
        #expect(failure?.problems.map(\.field) == ["processingSettings.outputColorSpaceConversion.colorProfile.colorRange"])
        #expect(failure?.problems.first?.message.contains("LIMITED, and full range in") == true)
    }

    @Test(
        "times that a container rounds are put back to the exact rate",
        arguments: [("30000/1001", "mkv"), ("24000/1001", "mkv"), ("60000/1001", "mkv"), ("24000/1001", "ts")])
    func exactRate(_ rate: String, _ container: String) async throws {
        let path = try source("rounded.\(container)", rate: rate, frames: 30, ["-c:v", "libx264", "-preset", "ultrafast"])
        let (made, _) = try await bench.run(path, #"{"encodingConfiguration":{"codec":"H264"},"container":"MOV"}"#)
        let facts = try probe(made)
        #expect(facts["avg_frame_rate"] == rate)
        #expect(facts["r_frame_rate"] == rate)
        #expect(facts["nb_frames"] == "30")
    }

    @Test(
        "palettes and RGB of few bits become RGB of eight",
        arguments: [("pal8", "rawvideo", "avi"), ("pal8", "png", "mov"), ("rgb555le", "msvideo1", "avi"), ("rgb565le", "rawvideo", "nut")])
    func shallow(_ format: String, _ codec: String, _ container: String) async throws {
        let path = try source("shallow.\(container)", ["-pix_fmt", format, "-c:v", codec])
        let (made, _) = try await bench.run(path, Self.lossless444)
        let matrix = "out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int"
        let expected = try bench.samples(path, format: "yuv444p12le", filter: "format=rgb24,scale=\(matrix)")
        #expect(psnr(expected, try bench.samples(made, format: "yuv444p12le"), peak: 4095) > 40)
    }

    @Test("long-group H.264 with 4:2:2 of 10 bits at 1080 lines is not taken for AVC-Intra by the QuickTime muxer")
    func deepAVC() async throws {
        let path = try source("deep.mkv", size: "1920x1080", frames: 2, ["-c:v", "ffv1", "-pix_fmt", "yuv422p10le"])
        let (made, report) = try await bench.run(path, #"{"encodingConfiguration":{"codec":"H264"},"container":"MOV"}"#)
        #expect(report.delivery.problems.isEmpty)
        #expect(try probe(made)["codec_tag_string"] == "avc1")
        #expect(try probe(made)["profile"] == "High 4:2:2")
    }

    @Test("transparency is dropped with a warning")
    func transparency() async throws {
        let path = try source("alpha.mov", ["-pix_fmt", "yuva444p10le", "-c:v", "prores_ks", "-profile:v", "4444"])
        let (_, report) = try await bench.run(path, Self.lossless)
        #expect(report.warnings.contains { $0.contains("transparency") })
    }

    @Test("MPEG-2 without QuickTime refuses a shape that it cannot say, and warns where it says the nearest")
    func shapes() async throws {
        let options = #"{"encodingConfiguration":{"codec":"MPEG2"},"container":"MPEGTS"}"#
        let wide = try source("wide.mkv", ["-vf", "setsar=2/1", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let failure = #expect(throws: ValidationFailure.self) { try bench.prepare(wide, options) }
        #expect(failure?.problems.map(\.field) == ["container"])
        let near = try source("near.mkv", size: "720x480", ["-vf", "setsar=10/11", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let (made, report) = try await bench.run(near, options)
        #expect(try probe(made)["sample_aspect_ratio"] == "8:9")
        #expect(report.warnings.contains { $0.contains("10/11") || $0.contains("10:11") })
    }

    @Test(
        "sound of layouts that Apple Lossless does not name goes into MP4 as FLAC, bit for bit",
        arguments: ["3.0", "quad", "6.1", "7.1", "5.1"])
    func layouts(_ layout: String) async throws {
        // Matroska does not keep the layout of uncompressed sound, so that four channels would be any four.
        let path = try bench.clip(
            layout == "quad" ? "sound.mov" : "sound.mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=1", "-f", "lavfi", "-i",
                "anoisesrc=duration=1:sample_rate=48000:seed=7,aformat=channel_layouts=\(layout)", "-c:v", "libx264", "-c:a", "pcm_s24le",
            ])
        let (made, _) = try await bench.run(path, #"{"encodingConfiguration":{"codec":"H264"},"container":"MP4"}"#)
        #expect(try probe(made, stream: "a:0")["codec_name"] == (layout == "5.1" ? "alac" : "flac"))
        func samples(_ path: String) throws -> Data {
            try launch("ffmpeg", ["-v", "error", "-i", path, "-map", "0:a", "-f", "s32le", "-c:a", "pcm_s32le", "-"]).output
        }
        #expect(try samples(path) == samples(made))
        #expect(try probe(made, stream: "a:0")["channel_layout"]?.hasPrefix(layout) == true)
    }

    @Test("four channels without names are two pairs in MP4, bit for bit, and the report says so")
    func unnamedChannels() async throws {
        let path = try bench.clip(
            "sound.mkv",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=1", "-f", "lavfi", "-i",
                "anoisesrc=duration=1:sample_rate=48000:seed=7,aformat=channel_layouts=quad", "-c:v", "libx264", "-c:a", "pcm_s24le",
            ])
        #expect(try probe(path, stream: "a:0")["channel_layout"] == nil || probe(path, stream: "a:0")["channel_layout"] == "unknown")
        let (made, report) = try await bench.run(path, #"{"encodingConfiguration":{"codec":"H264"},"container":"MP4"}"#)
        #expect(try probe(made, stream: "a:0")["codec_name"] == "flac")
        #expect(try probe(made, stream: "a:0")["channel_layout"] == "quad")
        func samples(_ path: String) throws -> Data {
            try launch("ffmpeg", ["-v", "error", "-i", path, "-map", "0:a", "-f", "s32le", "-c:a", "pcm_s32le", "-"]).output
        }
        #expect(try samples(path) == samples(made))
        #expect(report.warnings.contains("the source does not name the channels of its stream 1: the rendition marks them as quad"))
    }
}
