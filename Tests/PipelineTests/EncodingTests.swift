import Domain
import Foundation
import Media
import Pipeline
import Testing

/// Every codec and pixel format of the capabilities, from options to a finished file that another program reads.
@Suite(.serialized) struct EncodingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let options: String
        let codec: String
        let pixels: String
        var container = "mov"
        var profile: String?
        var testDescription: String { "\(codec) \(pixels) \(profile ?? "") in \(container)" }
    }

    private static func configured(_ codec: String, _ yuv: String, _ depth: Int, _ container: String = "MOV") -> String {
        #"{"encodingConfiguration":{"codec":"\#(codec)","pixelFormat":{"yuv":"\#(yuv)","bitDepth":\#(depth)}},"container":"\#(container)"}"#
    }

    private static func profiled(_ profile: String) -> String { #"{"encodingProfile":"\#(profile)"}"# }

    static let cases: [Case] =
        [
            Case(options: configured("HEVC", "4:2:0", 8), codec: "hevc", pixels: "yuv420p"),
            Case(options: configured("HEVC", "4:2:2", 10), codec: "hevc", pixels: "yuv422p10le"),
            Case(options: configured("HEVC", "4:4:4", 12, "MP4"), codec: "hevc", pixels: "yuv444p12le", container: "mp4"),
            Case(options: configured("H264", "4:2:0", 8), codec: "h264", pixels: "yuv420p"),
            Case(options: configured("H264", "4:2:0", 8, "MP4"), codec: "h264", pixels: "yuv420p", container: "mp4"),
            Case(options: configured("H264", "4:2:2", 10), codec: "h264", pixels: "yuv422p10le"),
            Case(options: configured("H264", "4:4:4", 8), codec: "h264", pixels: "yuv444p"),
            Case(options: configured("MPEG2", "4:2:0", 8), codec: "mpeg2video", pixels: "yuv420p"),
            Case(options: configured("MPEG2", "4:2:2", 8), codec: "mpeg2video", pixels: "yuv422p"),
            Case(options: configured("FFV1", "4:2:0", 8), codec: "ffv1", pixels: "yuv420p"),
            Case(options: configured("FFV1", "4:4:4", 12), codec: "ffv1", pixels: "yuv444p12le"),
            Case(options: profiled("PRORES_422_PROXY"), codec: "prores", pixels: "yuv422p10le", profile: "Proxy"),
            Case(options: profiled("PRORES_422_LT"), codec: "prores", pixels: "yuv422p10le", profile: "LT"),
            Case(options: profiled("PRORES_422_STANDARD"), codec: "prores", pixels: "yuv422p10le", profile: "Standard"),
            Case(options: profiled("PRORES_422_HQ"), codec: "prores", pixels: "yuv422p10le", profile: "HQ"),
            Case(options: profiled("PRORES_4444_STANDARD"), codec: "prores", pixels: "yuv444p12le", profile: "4444"),
            Case(options: profiled("PRORES_4444_XQ"), codec: "prores", pixels: "yuv444p12le", profile: "XQ"),
            Case(options: profiled("DNXHR_LB"), codec: "dnxhd", pixels: "yuv422p", profile: "DNXHR LB"),
            Case(options: profiled("DNXHR_SQ"), codec: "dnxhd", pixels: "yuv422p", profile: "DNXHR SQ"),
            Case(options: profiled("DNXHR_HQ"), codec: "dnxhd", pixels: "yuv422p", profile: "DNXHR HQ"),
            Case(options: profiled("DNXHR_HQX"), codec: "dnxhd", pixels: "yuv422p10le", profile: "DNXHR HQX"),
            Case(options: profiled("DNXHR_444"), codec: "dnxhd", pixels: "yuv444p10le", profile: "DNXHR 444"),
        ]

    @Test("a job in each codec: right picture, right tags, no problem of delivery", arguments: cases)
    func encodes(item: Case) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "6", "-c:v", "ffv1", "-pix_fmt", "yuv444p",
                "-vf", "scale=out_color_matrix=bt709:out_range=tv,boxblur=4",
                "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv",
            ])
        let (path, report) = try await bench.run(source, item.options)
        #expect(report.delivery.problems.isEmpty)
        #expect(path.hasSuffix(item.container))
        let facts = try probe(path)
        #expect(facts["codec_name"] == item.codec)
        #expect(facts["pix_fmt"] == item.pixels)
        if let profile = item.profile { #expect(facts["profile"] == profile) }
        #expect(facts["nb_frames"] == "6")
        #expect(facts["r_frame_rate"] == "25/1")
        #expect(facts["color_primaries"] == "bt709")
        #expect(facts["color_transfer"] == "bt709")
        #expect(facts["color_space"] == "bt709")
        let (made, wanted) = (try bench.samples(path, format: "yuv444p16le"), try bench.samples(source, format: "yuv444p16le"))
        #expect(psnr(made, wanted, peak: 65535) > 34)
    }

    @Test(
        "classes of DNxHD at their size and rate",
        arguments: [
            ("DNXHD_36_LB", "1920x1080", "25", "yuv422p"), ("DNXHD_185X_HQX", "1920x1080", "25", "yuv422p10le"),
            ("DNXHD_145_SQ", "1280x720", "60000/1001", "yuv422p"),
        ])
    func dnxhd(profile: String, size: String, rate: String, pixels: String) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv422p"])
        let (path, report) = try await bench.run(source, Self.profiled(profile))
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path)
        #expect(facts["codec_name"] == "dnxhd")
        #expect(facts["profile"] == "DNXHD")
        #expect(facts["pix_fmt"] == pixels)
        let (made, wanted) = (try bench.samples(path, format: "yuv422p16le"), try bench.samples(source, format: "yuv422p16le"))
        #expect(psnr(made, wanted, peak: 65535) > 30)
    }

    @Test("a class of DNxHD at another size is refused with those it has")
    func dnxhdElsewhere() throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov", ["-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv422p"])
        let failure = #expect(throws: ValidationFailure.self) { _ = try bench.prepare(source, Self.profiled("DNXHD_36_LB")) }
        #expect(failure?.problems.map(\.field) == ["encodingProfile"])
        #expect(failure?.problems.first?.message.contains("1920×1080 at 25") == true)
    }

    @Test("the same job twice gives the same bytes", arguments: [cases[0], cases[3], cases[7], cases[9], cases[14], cases[19]])
    func repeats(item: Case) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov", ["-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "15", "-c:v", "ffv1", "-pix_fmt", "yuv422p"])
        let first = try await bench.run(source, item.options, name: "first")
        let second = try await bench.run(source, item.options, name: "second")
        #expect(first.report.sha256 == second.report.sha256)
    }
}
