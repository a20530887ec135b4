import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

@Suite struct SegmentAssemblerTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// A 10-bit clip with a sine of ever-rising pitch.
    private func source(
        _ name: String = "source.mov", video: [String] = [], audio: [String] = ["-c:a", "pcm_s16le"]
    ) throws
        -> (String, FrameIndex)
    {
        let path = try folder.clip(
            name,
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=2", "-f", "lavfi", "-i",
                "aevalsrc=0.5*sin(2*PI*(200+300*t)*t):s=48000:d=2",
            ], ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"] + video + audio)
        return (path, try FrameIndex.scan(path, context: .test))
    }

    /// Samples of the first sound track as 16-bit mono.
    private func sound(_ path: String, from: Double? = nil) throws -> [Int16] {
        let raw = folder.file(UUID().uuidString)
        let (status, text) = try run(
            "ffmpeg", ["-v", "error", "-y", "-i", path, "-map", "0:a:0", "-f", "s16le", "-ac", "1", "-ar", "48000", raw])
        try #require(status == 0, "\(text)")
        return try bytes(raw).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    @Test("Segments joined are the frames, times and colors of the segments")
    func joins() throws {
        let (path, index) = try source()
        let whole = index.all
        let logs = try encode(path, index, whole, cuts: [10, 20, 30, 40], into: folder) { .quick($0, index) }
        let (joined, report) = try assemble(logs, source: path, index, whole, into: folder)
        #expect(report.frameCount == 50)
        #expect(report.duration.seconds == 2)
        let one = try encode(path, index, whole, into: folder, name: "one") { .quick($0, index) }
        let (single, _) = try assemble(one, source: path, index, whole, into: folder, name: "single")
        let (first, second) = (try FrameIndex.scan(joined, context: .test), try FrameIndex.scan(single, context: .test))
        #expect(first.times == second.times)
        #expect(first.count == 50)
        #expect(first.time(0).seconds == 0)
        #expect(first.frameRate == .constant(Rational(25, 1)))
        // Groups are closed and equally cut: constant quality gives the same pictures but for the encoder's look ahead.
        #expect(try frames(joined, first, first.all).count == 50)
        let facts = try DeliveryCheck.facts(of: joined, context: .test)
        #expect(facts.problems == [])
        #expect(facts.boxes.prefix(2) == ["ftyp", "moov"])
        #expect(facts.picture.sampleEntry == "hvc1")
        #expect(facts.picture.keyframeCount == 5)
        #expect(facts.picture.keyframesWithHDR == 5)
        #expect(facts.picture.largestKeyframeDistance == 10)
        #expect(facts.picture.profile == 2)
        #expect(facts.picture.bitDepth == 10)
        #expect(facts.picture.colorBox == "nclc")
        #expect(facts.picture.bitstreamColor == HDR10.tags)
        #expect(facts.picture.containerHDR == HDR10.metadata)
        #expect(facts.picture.bitstreamHDR == HDR10.metadata)
        #expect(facts.sound.first?.offset == 0)
        #expect(facts.sound.first?.duration == 2)
    }

    @Test("Two runs give the same bytes; so do encoders with other numbers of threads", arguments: [RenditionContainer.mov, .mp4, .mpegTS])
    func sameBytes(container: RenditionContainer) throws {
        let (path, index) = try source("source.mkv", audio: ["-c:a", "aac"])
        let range = FrameRange(5, 45)
        let files = try (0..<2).map { number in
            let logs = try encode(path, index, range, cuts: [20], into: folder, name: "run\(number)", threads: number + 1) {
                .quick($0, index)
            }
            return try bytes(assemble(logs, source: path, index, range, container: container, into: folder, name: "out\(number)").path)
        }
        #expect(files[0] == files[1])
    }

    @Test("ffprobe and our own parsers see the same boxes and messages", arguments: [RenditionContainer.mov, .mp4])
    func hdrBoxes(container: RenditionContainer) throws {
        let (path, index) = try source("source.mkv", audio: ["-c:a", "aac"])
        let logs = try encode(path, index, index.all, into: folder) { .quick($0, index, ratio: Rational(4, 3)) }
        let file = try assemble(logs, source: path, index, index.all, container: container, into: folder).path
        let shown = try ffprobe(file, "-select_streams", "v", "-show_streams")
        for line in [
            "codec_tag_string=hvc1", "profile=Main 10", "color_range=tv", "color_space=bt2020nc", "color_transfer=smpte2084",
            "color_primaries=bt2020", "chroma_location=topleft", "sample_aspect_ratio=4:3", "red_x=34000/50000", "green_y=34500/50000",
            "white_point_x=15635/50000", "min_luminance=50/10000", "max_luminance=10000000/10000", "max_content=800", "max_average=200",
        ] {
            #expect(shown.contains(line + "\n") || shown.hasSuffix(line), "\(line) is missing")
        }
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(facts.problems == [])
        #expect(facts.picture.colorBox == (container == .mov ? "nclc" : "nclx"))
        #expect(facts.picture.sampleAspectRatio == Rational(4, 3))
        #expect(facts.picture.containerHDR == HDR10.metadata)
    }

    @Test("Uncompressed sound is cut to the sample")
    func exactCut() throws {
        let (path, index) = try source()
        let range = FrameRange(13, 37)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let (file, report) = try assemble(logs, source: path, index, range, into: folder)
        #expect(report.decisions.map(\.action) == [.replaced, .kept])
        let (original, cut) = (try sound(path), try sound(file))
        #expect(cut == Array(original[(13 * 1920)..<(37 * 1920)]))
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(facts.sound.first?.offset == 0)
        #expect(abs((facts.sound.first?.duration ?? 0) - 0.96) < 1e-6)
    }

    @Test(
        "Compressed sound stays in sync when the front is cut off",
        arguments: [("aac", "source.mov"), ("aac", "source.mkv"), ("ac3", "source.mkv"), ("mp3", "source.mkv"), ("alac", "source.mov")])
    func syncAfterTrim(codec: String, name: String) throws {
        let (path, index) = try source(name, audio: ["-c:a", codec])
        let range = FrameRange(17, 50)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let (file, _) = try assemble(logs, source: path, index, range, into: folder)
        let (original, cut) = (try sound(path), try sound(file))
        // The first frames of the cut, against the same place of the original: the chirp matches at one offset only.
        let start = Int((index.time(17).seconds * 48000).rounded())
        let part = cut[2400..<7200]
        let errors = (-960...960).map { shift -> Int in
            var error = 0
            for (offset, sample) in part.enumerated() where offset % 16 == 0 {
                error += abs(Int(sample) - Int(original[start + 2400 + offset + shift]))
            }
            return error
        }
        let best = try #require(errors.indices.min { errors[$0] < errors[$1] }) - 960
        #expect(best == 0, "\(codec) is off by \(best) samples")
        #expect(errors[960] < 300 * 16)
    }

    @Test("An offset between picture and sound is kept", arguments: [("late.mkv", "0", "0.36"), ("early.mkv", "0.52", "0")])
    func startOffset(name: String, pictureDelay: String, soundDelay: String) throws {
        let (plain, _) = try source("plain.mkv", audio: ["-c:a", "pcm_s16le"])
        let path = folder.file(name)
        let (status, text) = try run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-itsoffset", pictureDelay, "-i", plain, "-itsoffset", soundDelay, "-i", plain, "-map", "0:v", "-map",
                "1:a",
                "-c", "copy", path,
            ])
        try #require(status == 0, "\(text)")
        let index = try FrameIndex.scan(path, context: .test)
        let logs = try encode(path, index, index.all, into: folder) { .quick($0, index) }
        let file = try assemble(logs, source: path, index, index.all, into: folder).path
        let before = try #require(try MediaProbe.describe(path, context: .test).audio.first)
        let offset = MediaTime(before.startTime ?? 0, before.timebase).seconds - index.time(0).seconds
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(abs((facts.sound.first?.offset ?? 9) - offset) < 0.0011)
        #expect(facts.picture.frameCount == 50)
        let result = try FrameIndex.scan(file, context: .test)
        #expect(result.count == 50)
    }

    @Test("A variable frame rate goes through tick by tick")
    func variableRate() throws {
        let path = try folder.clip(
            "vfr.mkv",
            ["-vf", "setpts='(N+0.5*gt(N,10)*(N-10))/25/TB'", "-vsync", "vfr", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le"])
        let index = try FrameIndex.scan(path, context: .test)
        let logs = try encode(path, index, index.all, cuts: [9, 21], into: folder) { .quick($0, index) }
        let file = try assemble(logs, source: path, index, index.all, into: folder).path
        let result = try FrameIndex.scan(file, context: .test)
        #expect(result.count == index.count)
        for frame in 0..<index.count {
            #expect(abs(result.time(frame).seconds - (index.time(frame).seconds - index.time(0).seconds)) < 1e-9)
        }
        #expect(try DeliveryCheck.facts(of: file, context: .test).problems == [])
    }

    @Test("Languages, titles, chapters, subtitles and timecode come along; what cannot is named")
    func otherStreams() throws {
        let subtitles = folder.file("a.srt")
        try "1\n00:00:00,100 --> 00:00:00,900\nHello <i>world</i>\n\n2\n00:00:01,000 --> 00:00:01,500\nBye\n"
            .write(toFile: subtitles, atomically: true, encoding: .utf8)
        let chapters = folder.file("chapters.txt")
        try
            ";FFMETADATA1\ntitle=Film\nencoder=Lavf\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=800\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=800\nEND=2000\ntitle=Two\n"
            .write(toFile: chapters, atomically: true, encoding: .utf8)
        let path = try folder.clip(
            "source.mkv",
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=2", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=2",
                "-i",
                subtitles, "-i", chapters,
            ],
            [
                "-map", "0", "-map", "1", "-map", "1", "-map", "2", "-map_metadata", "3", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le",
                "-c:a:0",
                "pcm_s16le", "-c:a:1", "flac", "-c:s", "srt", "-metadata:s:a:0", "language=dan", "-metadata:s:a:1", "language=deu",
                "-metadata:s:s:0", "language=eng", "-timecode", "10:00:00:00", "-attach", subtitles, "-metadata:s:t", "mimetype=text/plain",
            ])
        let index = try FrameIndex.scan(path, context: .test)
        let range = FrameRange(10, 50)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let (file, report) = try assemble(logs, source: path, index, range, into: folder)
        #expect(report.timecode == "10:00:00:10")
        #expect(report.chapterCount == 2)
        #expect(report.decisions.map(\.action) == [.replaced, .kept, .converted, .converted, .dropped])
        #expect(report.decisions.map(\.newCodecName) == [nil, nil, "pcm_s16le", "mov_text", nil])
        let description = try MediaProbe.describe(file, context: .test)
        #expect(description.audio.map(\.codecName) == ["pcm_s16le", "pcm_s16le"])
        #expect(description.audio.map(\.language) == ["dan", "deu"])
        #expect(description.subtitles.first?.language == "eng")
        #expect(description.timecode == "10:00:00:10")
        #expect(description.chapters.map(\.title) == ["One", "Two"])
        #expect(description.chapters.first?.end.seconds == 0.4)
        #expect(description.metadata["title"] == "Film")
        #expect(description.metadata["encoder"] == nil)
        let text = folder.file("out.srt")
        let (status, output) = try run("ffmpeg", ["-v", "error", "-y", "-i", file, "-map", "0:s", text])
        try #require(status == 0, "\(output)")
        let words = try String(contentsOfFile: text, encoding: .utf8)
        #expect(words.contains("00:00:00,000 --> 00:00:00,500\nHello world\n"))
        #expect(words.contains("00:00:00,600 --> 00:00:01,100\nBye\n"))
    }

    @Test("Every language keeps its code, also those that are not on Apple's old list", arguments: [RenditionContainer.mov, .mp4])
    func languages(container: RenditionContainer) throws {
        let codes = ["swe", "fra", "hrv", "cze", "pan", "eng", "und"]
        let (path, index) = try source(
            "source.mkv",
            audio: codes.indices.dropFirst().flatMap { _ in ["-map", "1:a"] } + ["-map", "1:a", "-map", "0:v", "-c:a", "aac"]
                + codes.enumerated().flatMap { ["-metadata:s:a:\($0)", "language=\($1)"] })
        let logs = try encode(path, index, index.all, into: folder) { .quick($0, index) }
        let (file, _) = try assemble(logs, source: path, index, index.all, container: container, into: folder)
        let description = try MediaProbe.describe(file, context: .test)
        #expect(description.audio.map { $0.language ?? "und" } == ["swe", "fra", "hrv", "ces", "pan", "eng", "und"])
        #expect(try DeliveryCheck.facts(of: file, context: .test).problems == [])
    }

    @Test("MP4 gets lossless sound where it refuses the source's, and says what it leaves out")
    func mp4() throws {
        let (path, index) = try source("source.mov", video: ["-timecode", "01:00:00:00"])
        let logs = try encode(path, index, FrameRange(5, 45), into: folder) { .quick($0, index) }
        let (file, report) = try assemble(logs, source: path, index, FrameRange(5, 45), container: .mp4, into: folder)
        #expect(report.timecode == nil)
        #expect(report.decisions.map(\.reason) == [.processed, .codecRefusedConverted, .timecodeRefused])
        #expect(try MediaProbe.describe(file, context: .test).audio.map(\.codecName) == ["alac"])
        #expect(try sound(file) == Array(try sound(path)[(5 * 1920)..<(45 * 1920)]))
    }

    @Test("Segments that do not belong together are refused")
    func refusals() throws {
        let (path, index) = try source()
        let first = try encode(path, index, FrameRange(0, 10), into: folder, name: "a") { .quick($0, index) }[0]
        let other = try encode(path, index, FrameRange(10, 20), into: folder, name: "b") { .quick($0, index, hdr: .none) }[0]
        let range = FrameRange(0, 20)
        #expect(throws: MediaError.segmentsDisagree(.hdr, segment: 1)) {
            try assemble([first, other], source: path, index, range, into: folder)
        }
        #expect(throws: MediaError.wrongFrame(.timeNotAscending)) {
            try assemble([first, first], source: path, index, range, into: folder)
        }
        #expect(throws: MediaError.wrongFrameCount(expected: 20, actual: 10)) {
            try assemble([first], source: path, index, range, into: folder)
        }
        #expect(throws: MediaError.noFrames) { try assemble([], source: path, index, range, into: folder) }
        #expect(throws: MediaError.self) {
            try SegmentAssembler.assemble(
                AssemblyRequest(
                    segments: [first], source: nil, index: index, range: FrameRange(0, 10), container: .mov,
                    destination: folder.file("no/such/folder.mov"), expectedFrames: 10), context: .test)
        }
    }
}
