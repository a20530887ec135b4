import Domain
import Filters
import Foundation
import Media
import Picture
import Pipeline
import Primitives
import Testing

/// The steps that the CPU does, against ffmpeg's own filters.
@Suite(.serialized) struct LibraryFilterTests {
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#
    private static let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]

    /// A clip whose fields are half a frame apart in time.
    private func interlaced(_ bench: Bench, bottomFirst: Bool = false, frames: Int = 12, size: String = "160x96") throws -> String {
        try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=50", "-vf",
                "format=yuv420p10le,interlace=scan=\(bottomFirst ? "bff" : "tff"):lowpass=off,setfield=\(bottomFirst ? "bff" : "tff")",
                "-frames:v", "\(frames)", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le",
            ] + Self.tags)
    }

    private func moving(_ bench: Bench, rate: String = "25", frames: Int = 25, format: String = "yuv420p10le", sound: Bool = false) throws
        -> String
    {
        try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=\(rate)"]
                + (sound ? ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-shortest", "-c:a", "pcm_s16le"] : [])
                + ["-frames:v", "\(frames)", "-c:v", "ffv1", "-pix_fmt", format] + Self.tags)
    }

    /// The samples of a 10-bit file as 16-bit codes.
    private func deep(_ bench: Bench, _ path: String) throws -> [UInt16] {
        try bench.samples(path, format: "yuv420p10le").map { $0 << 6 }
    }

    /// What ffmpeg's filter makes of a file, in 16 bits, without codes that 10-bit video reserves.
    private func legal(_ bench: Bench, _ path: String, filter: String) throws -> [UInt16] {
        try bench.samples(path, format: "yuv420p16le", filter: "format=yuv420p16le,\(filter)").map { min(max($0, 4 << 6), 1019 << 6) }
    }

    /// Two codes of 10 bits in 16: one of rounding with dither, one because ffmpeg fills low bits with the high ones.
    private static let twoCodes = 128

    private func deinterlacing(_ filter: String, _ order: String) -> String {
        #"{"filters":{"deinterlacer":"\#(filter)"},"filterSettings":{"interlacedFieldOrderMode":"\#(order)"},\#(Self.ffv1)}"#
    }

    @Test(
        "deinterlacers give the library's pictures at the right rate",
        arguments: [
            ("YADIF", "yadif=mode=send_frame:parity=tff", "25/1", 12), ("BWDIF", "bwdif=mode=send_field:parity=tff", "50/1", 24),
            ("WESTON3F", "w3fdif=filter=complex:parity=tff", "50/1", 24),
        ])
    func deinterlaces(name: String, filter: String, rate: String, frames: Int) async throws {
        let bench = try Bench()
        let source = try interlaced(bench)
        let (path, report) = try await bench.run(source, deinterlacing(name, "TOP_FIELD_FIRST"))
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path)
        #expect(facts["r_frame_rate"] == rate)
        #expect(facts["nb_frames"] == "\(frames)")
        #expect(facts["field_order"] == "progressive")
        let wanted = try legal(bench, source, filter: filter)
        let difference = try #require(largestDifference(try deep(bench, path), wanted))
        #expect(difference <= Self.twoCodes)
    }

    @Test("DEINT keeps the lines of each field, doubles the rate, and is named in the report", arguments: [false, true])
    func network(bottomFirst: Bool) async throws {
        let bench = try Bench()
        let source = try interlaced(bench, bottomFirst: bottomFirst)
        let (path, report) = try await bench.run(source, deinterlacing("DEINT", bottomFirst ? "BOTTOM_FIELD_FIRST" : "TOP_FIELD_FIRST"))
        #expect(report.delivery.problems.isEmpty)
        #expect(report.networks.map(\.name) == ["deint"])
        let facts = try probe(path)
        #expect(facts["r_frame_rate"] == "50/1")
        #expect(facts["nb_frames"] == "24")
        #expect(facts["field_order"] == "progressive")
        let (given, made) = (try deep(bench, source), try deep(bench, path))
        let (width, height) = (160, 96)
        let frame = width * height * 3 / 2
        for instant in 0..<24 {
            let parity = (instant + (bottomFirst ? 1 : 0)) % 2
            var largest = 0
            for y in stride(from: parity, to: height, by: 2) {
                for x in 0..<width {
                    let was = given[instant / 2 * frame + y * width + x]
                    largest = max(largest, abs(Int(was) - Int(made[instant * frame + y * width + x])))
                }
            }
            #expect(largest <= Self.twoCodes)
        }
    }

    @Test("the order of fields comes from the file, or from looking at them", arguments: ["AUTO_METADATA", "AUTO_SEGMENT_ANALYSIS"])
    func fieldOrder(mode: String) async throws {
        let bench = try Bench()
        let source = try interlaced(bench, bottomFirst: true)
        let found = try await bench.run(source, deinterlacing("BWDIF", mode), name: "found").report.sha256
        let told = try await bench.run(source, deinterlacing("BWDIF", "BOTTOM_FIELD_FIRST"), name: "told").report.sha256
        let wrong = try await bench.run(source, deinterlacing("BWDIF", "TOP_FIELD_FIRST"), name: "wrong").report.sha256
        #expect(found == told)
        #expect(found != wrong)
    }

    @Test("the denoiser gives the library's pictures, in more bits than the source has")
    func denoises() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25,noise=alls=12:allf=t", "-frames:v", "8", "-c:v", "ffv1", "-pix_fmt",
                "yuv420p",
            ]
                + Self.tags)
        let (path, _) = try await bench.run(source, #"{"filters":{"denoiser":"HQDN3D"},\#(Self.ffv1)}"#)
        let wanted = try legal(bench, source, filter: "hqdn3d")
        let difference = try #require(largestDifference(try deep(bench, path), wanted))
        #expect(difference <= Self.twoCodes)
    }

    @Test("DENOISE takes noise away and is named in the report")
    func removesNoise() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25", "-frames:v", "9", "-c:v", "ffv1", "-pix_fmt", "yuv420p",
            ] + Self.tags)
        let noisy = try bench.clip(
            "noisy.mov", ["-i", source, "-vf", "noise=alls=20:allf=t", "-c:v", "ffv1", "-pix_fmt", "yuv420p"] + Self.tags)
        let (path, report) = try await bench.run(noisy, #"{"filters":{"denoiser":"DENOISE"},\#(Self.ffv1)}"#)
        #expect(report.delivery.problems.isEmpty)
        #expect(report.networks.map(\.name) == ["denoise"])
        let (clean, given, made) = (try deep(bench, source), try deep(bench, noisy), try deep(bench, path))
        func error(_ frames: [UInt16]) -> Double {
            zip(frames, clean).map {
                let d = Double($0) - Double($1); return d * d
            }.reduce(0, +) / Double(clean.count)
        }
        #expect(error(made) < error(given) / 2)
    }

    @Test("DEJIT puts lines back, leaves steady pictures as they are, and is named in the report")
    func alignsLines() async throws {
        let bench = try Bench()
        let soft = "smptebars=size=320x96:rate=25,boxblur=3,noise=alls=3:allf=t"
        let steady = try bench.clip(
            "steady.mov", ["-f", "lavfi", "-i", soft, "-frames:v", "6", "-c:v", "ffv1", "-pix_fmt", "yuv420p"] + Self.tags)
        // Lines 3 samples to the left or the right by a hash of line and frame.
        let shift = "mod(floor(Y*7919+N*104729+Y*Y*31)\\,7)-3"
        let shaken = try bench.clip(
            "shaken.mov",
            [
                "-i", steady, "-vf", "geq=lum='lum(X+\(shift),Y)':cb='cb(X,Y)':cr='cr(X,Y)'", "-c:v", "ffv1", "-pix_fmt", "yuv420p",
            ] + Self.tags)
        let options = #"{"filters":{"stabilizer":"DEJIT"},\#(Self.ffv1)}"#
        let kept = try await bench.run(steady, options, name: "kept")
        #expect(kept.report.networks.map(\.name) == ["dejit"])
        let given = try deep(bench, steady)
        #expect(try #require(largestDifference(try deep(bench, kept.path), given)) <= Self.twoCodes)
        // As many bits as it has: to the bit.
        let same = try await bench.run(steady, options.replacing(#""bitDepth":10"#, with: #""bitDepth":8"#), name: "same")
        #expect(try bench.samples(same.path, format: "yuv420p") == bench.samples(steady, format: "yuv420p"))
        let mended = try await bench.run(shaken, options, name: "mended")
        #expect(mended.report.delivery.problems.isEmpty)
        func error(_ path: String) throws -> Double {
            zip(try deep(bench, path), given).map {
                let d = Double($0) - Double($1); return d * d
            }.reduce(0, +)
        }
        #expect(try error(mended.path) < error(shaken) / 3)
    }

    @Test("gray of full range stays gray behind a filter of 16 bits")
    func fullRangeGray() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "gray.mkv",
            [
                "-f", "lavfi", "-i", "color=c=black:size=64x48:rate=25,format=yuv420p,geq=lum=150:cb=128:cr=128", "-frames:v", "2",
                "-c:v", "ffv1", "-level", "3", "-pix_fmt", "yuv420p", "-color_range", "pc", "-color_primaries", "bt709",
                "-color_trc", "bt709", "-colorspace", "bt709",
            ])
        #expect(try probe(source)["color_range"] == "pc")
        let (path, _) = try await bench.run(source, #"{"filters":{"denoiser":"HQDN3D"},\#(Self.ffv1)}"#)
        let chroma = try bench.samples(path, format: "yuv420p10le").prefix(64 * 48 * 3 / 2).dropFirst(64 * 48)
        let mean = chroma.reduce(0.0) { $0 + Double($1) } / Double(chroma.count)
        #expect(abs(mean - 512) < 0.25)
    }

    @Test(
        "transparency is left out before a filter: the picture is that of the same source without it",
        arguments: [("yuva420p", "ffv1", "yuv420p"), ("yuva444p10le", "prores_ks", "yuv444p12le")],
        [
            #""deinterlacer":"YADIF""#, #""deinterlacer":"BWDIF""#, #""deinterlacer":"WESTON3F""#, #""denoiser":"HQDN3D""#,
            #""deinterlacer":"DEINT""#, #""frameRateConverter":"FBLEND""#, #""denoiser":"HQDN3D","frameRateConverter":"MCINTERPOLATE""#,
        ])
    func transparency(source: (String, String, String), filters: String) async throws {
        let bench = try Bench()
        let (format, codec, opaqueFormat) = source
        let ramp = "geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='X'"
        let clear = try bench.clip(
            "clear.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25,format=\(format),\(ramp)", "-frames:v", "4", "-c:v", codec, "-pix_fmt",
                format,
            ] + Self.tags)
        let opaque = try bench.clip("opaque.mov", ["-i", clear, "-c:v", "ffv1", "-pix_fmt", opaqueFormat] + Self.tags)
        let settings = #""filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST","frameRate":{"tag":"VIDEO_PAL_FAST"}}"#
        let options =
            #"{"filters":{\#(filters)},\#(settings),"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:4:4","bitDepth":12}}}"#
        let (made, report) = try await bench.run(clear, options, name: "made")
        let wanted = try await bench.run(opaque, options, name: "wanted").path
        #expect(report.warnings.contains { $0.contains("transparency") })
        let (left, right) = (try bench.samples(made, format: "yuv444p12le"), try bench.samples(wanted, format: "yuv444p12le"))
        #expect(largestDifference(left, right) == 0)
    }

    @Test("denoising comes after cropping")
    func denoisesTheCrop() throws {
        let bench = try Bench()
        let source = try moving(bench, frames: 2)
        let plan = try bench.prepare(
            source,
            #"{"filters":{"reshaper":"CROP","denoiser":"HQDN3D"},"filterSettings":{"normalizedCropCoordinates":{"x1":0.25,"y1":0.25,"x2":0.75,"y2":0.75}},\#(Self.ffv1)}"#
        ).plan
        #expect(plan.links.map(\.name) == ["device", "HQDN3D"])
        #expect(plan.program.request.crop == nil)
        #expect(plan.program.request.input.size == plan.links[0].output.size)
        #expect(plan.program.request.input.pixels.bitDepth == 16)
    }

    private func converting(_ filter: String, _ rate: String) -> String {
        #"{"filters":{"frameRateConverter":"\#(filter)"},"filterSettings":{"frameRate":{"tag":"\#(rate)"}},\#(Self.ffv1)}"#
    }

    @Test(
        "dropping and repeating picks the library's frames",
        arguments: [
            ("24", "VIDEO_HD_FAST", "60/1"), ("50", "VIDEO_PAL", "25/1"), ("30000/1001", "FILM", "24/1"),
            ("25", "VIDEO_NTSC", "30000/1001"),
        ])
    func repicks(from: String, tag: String, to: String) async throws {
        let bench = try Bench()
        let source = try moving(bench, rate: from)
        let (path, report) = try await bench.run(source, converting("FPS", tag))
        #expect(report.delivery.problems.isEmpty)
        #expect(try probe(path)["r_frame_rate"] == to)
        let wanted = try bench.samples(source, format: "yuv420p10le", filter: "fps=\(to)")
        let made = try bench.samples(path, format: "yuv420p10le")
        let frame = 160 * 96 * 3 / 2
        // The library's filter may give one frame more or less at the end; all others are the same.
        let shared = min(made.count, wanted.count)
        #expect(abs(made.count - wanted.count) <= frame)
        let difference = try #require(largestDifference(Array(made.prefix(shared)), Array(wanted.prefix(shared))))
        #expect(difference <= 1)
    }

    @Test("mixing weighs neighbours by their distance in time, in more bits than the source has")
    func blends() async throws {
        let bench = try Bench()
        // Frame n is gray of luma 60 + 4n.
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=64x64:rate=24,format=yuv420p,geq=lum='60+4*N':cb=128:cr=128", "-frames:v", "12",
                "-c:v", "ffv1",
                "-pix_fmt", "yuv420p",
            ]
                + Self.tags)
        let (path, _) = try await bench.run(source, converting("FBLEND", "VIDEO_HD_FAST"))
        let samples = try bench.samples(path, format: "yuv420p10le")
        let frame = 64 * 64 * 3 / 2
        #expect(samples.count == 30 * frame)
        for number in 0..<28 {
            let luma = samples[number * frame..<number * frame + 64 * 64]
            let mean = luma.reduce(0.0) { $0 + Double($1) } / 4096
            #expect(abs(mean - 4 * (60 + 4 * Double(number) * 24 / 60)) < 0.3, "frame \(number)")
        }
    }

    @Test("a cut is not mixed across")
    func blendsNoCut() async throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=64x64:rate=24,format=yuv420p,geq=lum='if(lt(N,6),60,200)':cb=128:cr=128",
                "-frames:v", "12", "-c:v",
                "ffv1", "-pix_fmt", "yuv420p",
            ]
                + Self.tags)
        let (path, _) = try await bench.run(source, converting("FBLEND", "VIDEO_HD_FAST"))
        let samples = try bench.samples(path, format: "yuv420p10le")
        let levels = stride(from: 0, to: samples.count, by: 64 * 64 * 3 / 2).map { Int(samples[$0 + 2080]) }
        #expect(levels.allSatisfy { abs($0 - 240) <= 1 || abs($0 - 800) <= 1 })
    }

    @Test("motion compensation gives the right number of frames, near the truth", arguments: ["yuv420p", "yuv420p10le", "yuv422p10le"])
    func interpolates(format: String) async throws {
        let bench = try Bench()
        let source = try moving(bench, frames: 12, format: format)
        let job = try bench.prepare(source, converting("MCINTERPOLATE", "VIDEO_PAL_FAST"))
        // The library's filter takes 8 bits: deeper samples are rounded with dither first, and the plan says so.
        let rounded = job.plan.programs.dropLast().map(\.request)
        #expect(rounded.map(\.output.pixels.bitDepth) == (format == "yuv420p" ? [] : [8]))
        #expect(rounded.allSatisfy { $0.dither == .triangular })
        let (path, report) = try await bench.run(job)
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path)
        #expect(facts["nb_frames"] == "24" && facts["r_frame_rate"] == "50/1")
        let truth = try bench.clip(
            "truth.mov", ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=50", "-frames:v", "24", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let (made, wanted) = (try bench.samples(path, format: "yuv420p10le"), try bench.samples(truth, format: "yuv420p10le"))
        let frame = 160 * 96 * 3 / 2
        // Whole frames of the source are where they were.
        for number in stride(from: 0, to: 22, by: 2) {
            let range = number * frame..<(number + 1) * frame
            #expect(psnr(Array(made[range]), Array(wanted[range]), peak: 1023) > 20)
        }
    }

    @Test("motion compensation takes 8 bits, too few for HDR, and says what else there is")
    func interpolatesEightBits() throws {
        let bench = try Bench()
        let source = try bench.clip(
            "source.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le",
                "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-color_range", "tv",
            ])
        let failure = #expect(throws: ValidationFailure.self) {
            _ = try bench.prepare(source, converting("MCINTERPOLATE", "VIDEO_PAL_FAST"))
        }
        #expect(failure?.problems.first?.message.contains("FPS, FBLEND") == true)
    }

    @Test(
        "cuts do not show in the pixels of filters with bounded memory, and sound stays in sync",
        arguments: [
            #"{"filters":{"deinterlacer":"BWDIF","frameRateConverter":"FPS"},"filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST","frameRate":{"tag":"FILM_NTSC"}},"#,
            #"{"filters":{"deinterlacer":"YADIF"},"filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST"},"#,
            #"{"filters":{"denoiser":"DENOISE"},"#, #"{"filters":{"stabilizer":"DEJIT"},"#,
            #"{"filters":{"deinterlacer":"WESTON3F"},"filterSettings":{"interlacedFieldOrderMode":"TOP_FIELD_FIRST"},"#,
            #"{"filters":{"frameRateConverter":"FBLEND"},"filterSettings":{"frameRate":{"tag":"VIDEO_NTSC"}},"#,
            #"{"filters":{"frameRateConverter":"MCINTERPOLATE"},"filterSettings":{"frameRate":{"tag":"VIDEO_NTSC"}},"#,
        ])
    func cuts(options: String) async throws {
        let bench = try Bench()
        let source = try moving(bench, frames: 40, format: "yuv420p", sound: true)
        let job = try bench.prepare(source, options + Self.ffv1 + "}", start: 200, end: 1400)
        let frames = job.plan.outputFrames
        let whole = try await bench.run(Bench.Prepared(plan: job.plan.cut(into: [frames]), source: source, index: job.index), name: "whole")
        let first = frames.start + frames.count / 3
        let parts = [FrameRange(frames.start, first), FrameRange(first, first + 1), FrameRange(first + 1, frames.end)]
        let cut = try await bench.run(Bench.Prepared(plan: job.plan.cut(into: parts), source: source, index: job.index), name: "cut")
        #expect(whole.report.sha256 == cut.report.sha256)
        #expect(whole.report.delivery.problems.isEmpty)
        let picture = whole.report.delivery.picture
        let sound = try #require(whole.report.delivery.sound.first)
        let length = MediaTime(picture.duration, picture.timebase).seconds
        #expect(abs(length - 1.2) < 0.03)
        #expect(abs(sound.offset) < 0.001 && abs(sound.duration - length) < 0.03)
    }
}
