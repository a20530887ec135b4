import Domain
import Foundation
import Media
import Pipeline
import Testing

/// What broadcasts, discs and cameras do: field pictures, pulldown by flags, captions, dynamic metadata, breaks, changes.
@Suite(.serialized) struct BroadcastSourceTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let lossless = #"{"encodingConfiguration":{"codec":"FFV1"}}"#

    private func source(_ name: String, size: String = "96x64", rate: String = "25", frames: Int = 30, _ arguments: [String]) throws
        -> String
    {
        try bench.clip(name, ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)", "-frames:v", "\(frames)"] + arguments)
    }

    /// A raw stream in a container.
    private func wrap(_ stream: Data, as name: String, _ format: String, into container: String, _ arguments: [String] = []) throws
        -> String
    {
        let raw = bench.file(name)
        try stream.write(to: URL(fileURLWithPath: raw))
        let rate = format == "h264" ? ["-framerate", "25"] : []
        return try bench.clip("wrapped.\(container)", rate + ["-f", format, "-i", raw, "-c", "copy"] + arguments)
    }

    /// Runs a handmade recording of twelve pairs of field pictures, and expects twelve frames with each field in its lines.
    ///
    /// - Returns: what the rendition's container says.
    private func wovenFrames(of path: String, topFirst: Bool) async throws -> [String: String] {
        let (made, report) = try await bench.run(path, Self.lossless)
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(made)
        #expect(facts["field_order"] == (topFirst ? "tb" : "bt"))
        #expect(facts["nb_frames"] == "12")
        #expect(facts["avg_frame_rate"] == "25/1")
        let samples = try bench.samples(made, format: "yuv420p16le")
        let frameSize = 32 * 64 * 3 / 2
        #expect(samples.count == 12 * frameSize)
        for frame in 0..<12 where samples.count == 12 * frameSize {
            #expect(samples[frame * frameSize] == UInt16(40 + 4 * frame) << 8)
            #expect(samples[frame * frameSize + 32] == UInt16(140 + 4 * frame) << 8)
        }
        return facts
    }

    @Test(
        "two field pictures become one frame, in their order, for the whole of its time",
        arguments: [("ts", true), ("ts", false), ("mp4", true), ("mp4", false), ("mkv", true)])
    func fieldPictures(_ container: String, _ topFirst: Bool) async throws {
        let stream = HandmadeStreams.fieldPictures(frames: 12, width: 32, height: 64, topFirst: topFirst)
        let path = try wrap(stream, as: "fields.h264", "h264", into: container)
        let facts = try await wovenFrames(of: path, topFirst: topFirst)
        #expect(facts["duration"] == "0.480000")
    }

    @Test("film whose flags ask for pulldown has the even rate of film, and the report says so", arguments: ["ts", "mkv", "mp4"])
    func pulldown(_ container: String) async throws {
        let film = try source("film.m2v", rate: "24000/1001", frames: 48, ["-c:v", "mpeg2video", "-q:v", "6", "-bf", "0"])
        let stream = HandmadeStreams.pulldown(try Data(contentsOf: URL(fileURLWithPath: film)))
        let times = "setts=ts='(floor(N/2)*5+mod(N,2)*3)*1501.5':duration='(3-mod(N,2))*1501.5'"
        var path = try wrap(stream, as: "soft.m2v", "mpegvideo", into: "ts", ["-bsf:v", times])
        if container != "ts" { path = try bench.clip("again.\(container)", ["-i", path, "-c", "copy"]) }
        let (made, report) = try await bench.run(path, Self.lossless)
        let facts = try probe(made)
        #expect(facts["r_frame_rate"] == "24000/1001")
        #expect(facts["avg_frame_rate"] == "24000/1001")
        #expect(facts["nb_frames"] == "48")
        #expect(report.warnings.contains { $0.contains("pulldown") })
    }

    @Test("numbers that nothing changes stay as they are, with as many bits or more", arguments: [8, 10])
    func untouched(_ depth: Int) async throws {
        let path = try source(
            "plain.mkv", frames: 3, ["-pix_fmt", "yuv422p", "-vf", "boxblur=2,scale=out_range=tv", "-color_range", "tv", "-c:v", "ffv1"])
        let options = #"{"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:2","bitDepth":\#(depth)}}}"#
        let (made, _) = try await bench.run(path, options)
        let (expected, found) = (try bench.samples(path, format: "yuv422p16le"), try bench.samples(made, format: "yuv422p16le"))
        #expect(largestDifference(expected, found) == 0)
    }

    @Test("HDR that nothing changes stays as it is too, chroma and all", arguments: ["4:2:0", "4:2:2"], ["smpte2084", "arib-std-b67"])
    func untouchedHDR(_ chroma: String, _ transfer: String) async throws {
        let format = "yuv\(chroma.filter { $0 != ":" })p10le"
        let path = try source(
            "light.mkv", frames: 2,
            [
                "-vf", "boxblur=2,scale=out_range=tv,format=\(format)", "-c:v", "ffv1", "-color_range", "tv", "-color_primaries", "bt2020",
                "-color_trc", transfer, "-colorspace", "bt2020nc",
            ])
        let options = #"{"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"\#(chroma)","bitDepth":10}}}"#
        let (made, report) = try await bench.run(path, options)
        #expect(largestDifference(try bench.samples(path, format: format), try bench.samples(made, format: format)) == 0)
        #expect(try probe(made)["color_transfer"] == transfer)
        #expect((report.lightLevels.measured != nil) == (transfer == "smpte2084"))
    }

    @Test("captions in the pictures are named as not carried")
    func captions() async throws {
        let plain = try source("plain.m2v", ["-c:v", "mpeg2video", "-q:v", "4", "-bf", "0"])
        let stream = HandmadeStreams.captions(try Data(contentsOf: URL(fileURLWithPath: plain)))
        let path = try wrap(stream, as: "captions.m2v", "mpegvideo", into: "ts", ["-bsf:v", "setts=ts=N*3600:duration=3600"])
        let (_, report) = try await bench.run(path, Self.lossless)
        #expect(report.warnings == ["the source's closed captions (CEA-608/708, in its pictures) are not carried"])
    }

    @Test("Dolby Vision without a picture of its own is refused; what stands beside HDR10 is named as not carried")
    func dolbyVision() async throws {
        let hdr10 = try source(
            "hdr10.mp4", frames: 5,
            [
                "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:v",
                "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1",
            ])
        let data = try Data(contentsOf: URL(fileURLWithPath: hdr10))
        let path = bench.file("vision.mp4")
        try HandmadeStreams.dolbyVision(data, profile: 5, compatibility: 0).write(to: URL(fileURLWithPath: path))
        #expect(throws: MediaError.unsupported(.dolbyVision(profile: 5))) { try bench.prepare(path, Self.lossless) }
        #expect(MediaError.unsupported(.dolbyVision(profile: 5)).explanation.contains("profile 5"))
        try HandmadeStreams.dolbyVision(data, profile: 8, compatibility: 1).write(to: URL(fileURLWithPath: path))
        let (_, report) = try await bench.run(path, Self.lossless)
        #expect(report.warnings.contains { $0.contains("Dolby Vision") })
        let (made, _) = try await bench.run(
            path, #"{"encodingConfiguration":{"codec":"HEVC","pixelFormat":{"yuv":"4:2:0","bitDepth":10}},"container":"MP4"}"#,
            name: "again")
        #expect(try probe(path)["side_data_type"] == "DOVI configuration record")
        #expect(try probe(made)["side_data_type"] == nil)
    }

    @Test("transparency in a stream beside the picture is named as dropped")
    func transparency() async throws {
        let path = try bench.clip(
            "alpha.webm",
            [
                "-f", "lavfi", "-i", "color=red@0.5:size=64x64:rate=25:duration=0.12,format=yuva420p", "-c:v", "libvpx-vp9", "-pix_fmt",
                "yuva420p",
            ])
        let (_, report) = try await bench.run(path, Self.lossless)
        #expect(report.warnings.contains { $0.contains("transparency") })
    }

    @Test("a recording that breaks off is processed up to its last whole picture, and the report says what is missing")
    func breakOff() async throws {
        let whole = try source("whole.ts", size: "160x96", frames: 40, ["-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-g", "9"])
        let data = try Data(contentsOf: URL(fileURLWithPath: whole))
        let path = bench.file("broken.ts")
        try data.prefix(data.count * 4 / 5).write(to: URL(fileURLWithPath: path))
        let job = try bench.prepare(path, Self.lossless)
        #expect(job.index.leftOut > 0)
        let (made, report) = try await bench.run(job)
        #expect(try probe(made)["nb_frames"] == "\(job.index.count)")
        #expect(try probe(made)["avg_frame_rate"] == "25/1")
        #expect(report.warnings.contains { $0.hasPrefix("the source breaks off") && $0.hasSuffix("\(job.index.count - 1)") })
        let (_, early) = try await bench.run(bench.prepare(path, Self.lossless, end: 1000), name: "early")
        #expect(early.warnings.isEmpty)
    }

    /// Two streams of 30 pictures, pasted.
    private func pasted(_ first: [String], _ second: [String]) throws -> String {
        let parts = try [first, second].enumerated().map { number, arguments in
            try source("part-\(number).h264", ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0"] + arguments)
        }
        let data = try parts.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }.reduce(Data(), +)
        return try wrap(data, as: "both.h264", "h264", into: "ts")
    }

    @Test("a change of color on the way ends the job by its frame, unless the job states the color of all of it")
    func changeOfColor() async throws {
        func tags(_ matrix: String) -> [String] {
            ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", matrix, "-color_range", "tv"]
        }
        let path = try pasted(tags("bt709"), tags("smpte170m"))
        let error = try refusal { _ = try bench.prepare(path, Self.lossless) }
        #expect(error.explanation.contains("0 to 1200 ms: bt709; 1200 to 2400 ms: smpte170M"))
        #expect(error.explanation.contains("STRICT_USER"))
        for (start, end, matrix) in [(0, 1200, "bt709"), (1200, 2400, "smpte170m")] {
            let (made, _) = try await bench.run(bench.prepare(path, Self.lossless, start: start, end: end), name: matrix)
            #expect(try probe(made)["nb_frames"] == "30")
            #expect(try probe(made)["color_space"] == matrix)
        }
        let stated =
            #"{"encodingConfiguration":{"codec":"FFV1"},"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"STRICT_USER","colorProfile":{"colorSpace":"BT709","colorPrimaries":"BT709","transferCharacteristics":"BT709","colorRange":"LIMITED"}}}}"#
        let (made, _) = try await bench.run(path, stated)
        #expect(try probe(made)["nb_frames"] == "60")
    }

    /// The error of the media libraries with which a plan is refused.
    private func refusal(_ plan: () throws -> Void) throws -> MediaError {
        do {
            try plan()
        } catch PipelineError.media(let error) {
            return error
        }
        throw Missing.refusal
    }

    private enum Missing: Error { case refusal }

    @Test(
        "a recording that switches between 4:3 and 16:9 is refused as a whole by all its parts, and each part is processed in its own shape"
    )
    func changeOfShape() async throws {
        let shapes = ["4/3", "16/9", "4/3"]
        var data = Data()
        for (number, shape) in shapes.enumerated() {
            // Sound and picture of a broadcast, each part behind the one before.
            let part = try bench.clip(
                "part-\(number).ts",
                [
                    "-f", "lavfi", "-i", "testsrc2=size=720x576:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-frames:v", "30",
                    "-t",
                    "1.2", "-vf", "setdar=\(shape)", "-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "6", "-c:a", "mp2",
                    "-output_ts_offset", "\(1 + Double(number) * 1.2)", "-muxdelay", "0", "-muxpreload", "0",
                ])
            data += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        let path = bench.file("evening.ts")
        try data.write(to: URL(fileURLWithPath: path))
        let error = try refusal { _ = try bench.prepare(path, Self.lossless) }
        #expect(error.explanation.contains("0 to 1200 ms: 16/15; 1200 to 2400 ms: 64/45; 2400 to 3600 ms: 16/15"))
        #expect(error.explanation.contains("startPosMs"))
        for (number, ratio) in ["16:15", "64:45", "16:15"].enumerated() {
            let job = try bench.prepare(path, Self.lossless, start: number * 1200, end: (number + 1) * 1200)
            let (made, report) = try await bench.run(job, name: "part-\(number)")
            #expect(report.delivery.problems.isEmpty)
            #expect(try probe(made)["nb_frames"] == "30")
            #expect(try probe(made)["sample_aspect_ratio"] == ratio)
        }
    }

    @Test("fields whose order changes by the pictures' own flags are refused by DEINT, and followed by the other deinterlacers")
    func changingFieldOrder() async throws {
        let plain = try source(
            "plain.m2v", size: "96x64", frames: 24,
            ["-vf", "setfield=tff", "-c:v", "mpeg2video", "-q:v", "2", "-bf", "0", "-flags", "+ilme+ildct", "-top", "1"])
        let stream = HandmadeStreams.bottomFirst(try Data(contentsOf: URL(fileURLWithPath: plain)), from: 12)
        let path = try wrap(stream, as: "turn.m2v", "mpegvideo", into: "ts", ["-bsf:v", "setts=ts=N*3600:duration=3600"])
        func options(_ deinterlacer: String) -> String {
            #"{"encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0"}},"filters":{"deinterlacer":"\#(deinterlacer)"},"filterSettings":{"interlacedFieldOrderMode":"AUTO_METADATA"}}"#
        }
        await #expect(
            throws: MediaError.pictureChanged(frame: 12, milliseconds: 480, PictureChange(.fieldOrder, "topFirst", "bottomFirst"))
        ) {
            try await bench.run(path, options("DEINT"))
        }
        let (made, _) = try await bench.run(path, options("BWDIF"))
        #expect(try probe(made)["nb_frames"] == "48")
        // Rounding and dither of eight bits: nearer to the right order than to any one for all.
        let found = try bench.samples(made, format: "yuv420p16le")
        func distance(_ parity: String) throws -> Double {
            psnr(
                found, try bench.samples(path, format: "yuv420p16le", filter: "bwdif=mode=send_field:parity=\(parity):deint=all"),
                peak: 65535)
        }
        let right = try distance("auto")
        #expect(right > 40)
        #expect(try right > distance("tff") + 5)
        #expect(try right > distance("bff") + 5)
    }

    @Test("field pictures of MPEG-2 become frames, in their order", arguments: [("ts", true), ("ts", false), ("mkv", true)])
    func mpegFieldPictures(_ container: String, _ topFirst: Bool) async throws {
        let stream = HandmadeStreams.mpegFieldPictures(frames: 12, width: 32, height: 64, topFirst: topFirst)
        let times = ["-bsf:v", "setts=ts=N*3600:duration=3600"]
        var path = try wrap(stream, as: "fields.m2v", "mpegvideo", into: "ts", times)
        if container != "ts" { path = try bench.clip("again.\(container)", ["-i", path, "-c", "copy"]) }
        _ = try await wovenFrames(of: path, topFirst: topFirst)
    }

    @Test("HDR10+ is known from the first picture, named as not carried, and not in the rendition", arguments: ["mp4", "mkv", "ts"])
    func dynamicMetadata(_ container: String) async throws {
        let plain = try source(
            "plain.hevc", frames: 5,
            [
                "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc",
                "-color_range",
                "tv", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0:max-cll=1000,400",
            ])
        let stream = HandmadeStreams.dynamicMetadata(try Data(contentsOf: URL(fileURLWithPath: plain)))
        let raw = bench.file("plus.hevc")
        try stream.write(to: URL(fileURLWithPath: raw))
        let path = try bench.clip("plus.\(container)", ["-framerate", "25", "-f", "hevc", "-i", raw, "-c", "copy"])
        func sideData(_ path: String) throws -> String {
            let (_, data) = try launch("ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_frames", path])
            return String(decoding: data, as: UTF8.self)
        }
        #expect(try sideData(path).contains("2094-40"))
        let job = try bench.prepare(path, #"{"encodingConfiguration":{"codec":"HEVC","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}}"#)
        #expect(job.plan.source.notes?.firstFrame(.hdr10Plus) == 0)
        let (made, report) = try await bench.run(job)
        #expect(report.warnings.contains("the source's HDR10+ metadata are not carried"))
        let found = try sideData(made)
        #expect(!found.contains("2094-40"))
        #expect(found.contains("max_content=1000"))
    }

    @Test("pictures of two fields behind a progressive first one are named")
    func laterFields() async throws {
        let path = try pasted([], ["-vf", "setfield=tff", "-flags", "+ildct+ilme", "-x264-params", "tff=1"])
        let (_, report) = try await bench.run(path, Self.lossless)
        #expect(report.warnings.contains { $0.contains("two fields from frame 30 on") })
    }
}
