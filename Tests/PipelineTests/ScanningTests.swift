import Domain
import Foundation
import Media
import Picture
import Pipeline
import Primitives
import Testing

/// Interlaced renditions: woven of frames, or with the source's own fields.
@Suite(.serialized) struct ScanningTests {
    private static let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]

    private func progressive(_ bench: Bench, frames: Int, format: String = "yuv420p10le") throws -> String {
        try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=50", "-frames:v", "\(frames)", "-c:v", "ffv1", "-pix_fmt", format,
                "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=\(format)",
            ] + Self.tags)
    }

    private func interlaced(_ bench: Bench, bottomFirst: Bool, format: String) throws -> String {
        let scan = bottomFirst ? "bff" : "tff"
        return try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=50", "-vf",
                "scale=out_color_matrix=bt709:out_range=tv,format=\(format),interlace=scan=\(scan):lowpass=linear,setfield=\(scan)",
                "-frames:v", "6", "-c:v", "ffv1", "-pix_fmt", format,
            ] + Self.tags)
    }

    private func woven(_ order: String, _ encoding: String) -> String {
        #"{\#(encoding),"processingSettings":{"outputScanning":"\#(order)"}}"#
    }

    private static let lossless = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#

    @Test(
        "frames are woven as FFmpeg's filter does, at half the rate",
        arguments: [("INTERLACED_TOP_FIRST", "tff", 8), ("INTERLACED_BOTTOM_FIRST", "bff", 8), ("INTERLACED_TOP_FIRST", "tff", 7)])
    func weaves(order: String, scan: String, count: Int) async throws {
        let bench = try Bench()
        let source = try progressive(bench, frames: count)
        let (path, report) = try await bench.run(source, woven(order, Self.lossless))
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        let facts = try probe(path, arguments: ["-count_packets"])
        #expect(facts["nb_read_packets"] == "4")
        #expect(facts["r_frame_rate"] == "25/1")
        #expect(report.assembly.duration.seconds == 0.16)
        let made = try bench.samples(path, format: "yuv420p10le")
        // An odd frame at the end gives both fields.
        let padded = count % 2 == 0 ? "" : "tpad=stop_mode=clone:stop=1,"
        // The dither of a frame is its own: both renditions have the same.
        let (frames, _) = try await bench.run(source, "{\(Self.lossless)}", name: "frames")
        let wanted = try bench.samples(frames, format: "yuv420p10le", filter: padded + "interlace=scan=\(scan):lowpass=complex")
        #expect(largestDifference(made, wanted) == 0)
    }

    @Test("cuts between segments do not show")
    func segments() async throws {
        let bench = try Bench()
        let source = try progressive(bench, frames: 12)
        let job = try bench.prepare(source, woven("INTERLACED_TOP_FIRST", Self.lossless))
        #expect(job.plan.outputFrames == FrameRange(0, 12))
        let parts = job.plan.cut(into: [FrameRange(0, 4), FrameRange(4, 10), FrameRange(10, 12)])
        let whole = try await bench.run(job, name: "whole")
        let cut = try await bench.run(Bench.Prepared(plan: parts, source: job.source, index: job.index), name: "cut")
        #expect(whole.report.sha256 == cut.report.sha256)
    }

    @Test("a deinterlacer that doubles the rate and weaving give the source's rate back")
    func roundTrip() async throws {
        let bench = try Bench()
        let source = try interlaced(bench, bottomFirst: false, format: "yuv420p10le")
        let options = """
            {\(Self.lossless),"filters":{"deinterlacer":"BWDIF"},"filterSettings":{"interlacedFieldOrderMode":"AUTO_METADATA"},
             "processingSettings":{"outputScanning":"INTERLACED_BOTTOM_FIRST"}}
            """
        let (path, report) = try await bench.run(source, options)
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path, arguments: ["-count_packets"])
        #expect(facts["nb_read_packets"] == "6")
        #expect(facts["r_frame_rate"] == "25/1")
        #expect(try order(path) == "bottom")
    }

    @Test("tags alone that become BT.2020 leave fields of 4:2:0 to the bit")
    func retagged() async throws {
        let bench = try Bench()
        let source = try interlaced(bench, bottomFirst: false, format: "yuv420p10le")
        let options = #"""
            {\#(Self.lossless),"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"STRICT_USER","metadataOnly":true,
             "colorProfile":{"colorSpace":"BT2020NC","colorPrimaries":"BT2020","transferCharacteristics":"BT2020_10","colorRange":"LIMITED"}}}}
            """#
        let (path, report) = try await bench.run(source, options)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        #expect(try probe(path)["color_primaries"] == "bt2020")
        #expect(try order(path) == "top")
        let difference = largestDifference(
            try bench.samples(path, format: "yuv420p10le"), try bench.samples(source, format: "yuv420p10le"))
        #expect(difference == 0)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let encoding: String
        let order: String
        var testDescription: String { "\(encoding) \(order)" }
    }

    private static func configured(_ codec: String, _ container: String) -> String {
        #""encodingConfiguration":{"codec":"\#(codec)","pixelFormat":{"yuv":"4:2:0"}},"container":"\#(container)""#
    }

    static let cases: [Case] =
        ["TOP", "BOTTOM"].flatMap { order in
            [
                configured("H264", "MOV"), configured("H264", "MP4"), configured("H264", "MPEGTS"), configured("MPEG2", "MOV"),
                configured("MPEG2", "MXF"), configured("MPEG2", "MPEGTS"), configured("FFV1", "MOV"), #""encodingProfile":"PRORES_422_HQ""#,
            ].map { Case(encoding: $0, order: order) }
        } + [Case(encoding: configured("H264", "MXF"), order: "TOP")]

    @Test("each codec codes fields, and its file says which is first", arguments: cases)
    func codecs(item: Case) async throws {
        let bench = try Bench()
        let source = try progressive(bench, frames: 8)
        let (path, report) = try await bench.run(source, woven("INTERLACED_\(item.order)_FIRST", item.encoding))
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        #expect(report.delivery.picture.fieldOrder == (item.order == "TOP" ? .topFirst : .bottomFirst))
        #expect(try order(path) == item.order.lowercased())
        #expect(try probe(path)["r_frame_rate"] == "25/1")
        let filter = "interlace=scan=\(item.order == "TOP" ? "tff" : "bff"):lowpass=complex,format=yuv420p"
        let made = try bench.samples(path, format: "yuv420p16le", filter: "format=yuv420p")
        #expect(psnr(made, try bench.samples(source, format: "yuv420p16le", filter: filter), peak: 65535) > 28)
    }

    @Test("DNxHD codes 1080 lines in two fields", arguments: ["MOV", "MXF"])
    func dnxhd(container: String) async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=50", "-frames:v", "4", "-c:v", "ffv1", "-pix_fmt", "yuv422p"] + Self.tags)
        let options = woven("INTERLACED_TOP_FIRST", #""encodingProfile":"DNXHD_120_SQ","container":"\#(container)""#)
        let (path, report) = try await bench.run(source, options)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        #expect(try order(path) == "top")
    }

    @Test(
        "a source that nothing mixes keeps its fields",
        arguments: [(false, "yuv420p10le", "4:2:0"), (true, "yuv420p10le", "4:2:0"), (true, "yuv422p10le", "4:2:2")])
    func keeps(bottomFirst: Bool, format: String, yuv: String) async throws {
        let bench = try Bench()
        let source = try interlaced(bench, bottomFirst: bottomFirst, format: format)
        let (path, report) = try await bench.run(
            source, #"{"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"\#(yuv)","bitDepth":10}}}"#)
        #expect(report.delivery.problems.isEmpty)
        #expect(try order(path) == (bottomFirst ? "bottom" : "top"))
        #expect(try probe(path)["r_frame_rate"] == "25/1")
        // Dither moves a code by one; anything that mixed lines would move it by many.
        let difference = try #require(
            largestDifference(try bench.samples(path, format: format), try bench.samples(source, format: format)))
        #expect(difference <= 1)
    }

    /// Which field of the first frame is the earlier one, as a decoder has it; nil for a progressive frame.
    private func order(_ path: String) throws -> String? {
        let facts = try probe(path, entries: "frame=interlaced_frame,top_field_first", arguments: ["-read_intervals", "%+#1"])
        guard facts["interlaced_frame"] == "1" else { return nil }
        return facts["top_field_first"] == "1" ? "top" : "bottom"
    }
}
