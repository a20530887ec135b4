import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// MXF and transport streams: what is beside the picture, and what readers find.
@Suite struct BroadcastContainerTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    private static let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)

    /// A clip of two seconds with a tone.
    ///
    /// - Parameters:
    ///   - soundDelay: seconds by which the tone begins after the picture.
    ///   - seconds: length of the tone.
    private func source(
        _ name: String = "source.mkv", rate: Int = 48_000, audio: [String] = ["-c:a", "pcm_s16le"], soundDelay: Double = 0,
        seconds: Double = 2, more: [String] = []
    ) throws -> (String, FrameIndex) {
        let path = try folder.clip(
            name,
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=2", "-itsoffset", "\(soundDelay)", "-f", "lavfi", "-i",
                "aevalsrc=0.5*sin(2*PI*440*t):s=\(rate):d=\(seconds)",
            ], ["-c:v", "ffv1", "-pix_fmt", "yuv420p"] + audio + more)
        return (path, try FrameIndex.scan(path, context: .test))
    }

    private func rendition(
        _ path: String, _ index: FrameIndex, _ container: RenditionContainer, range: FrameRange? = nil,
        settings: EncodingSettings = .mpeg2(MPEG2Settings()), name: String = "rendition"
    ) throws -> (path: String, report: AssemblyReport) {
        let range = range ?? index.all
        let logs = try encode(path, index, range, into: folder, name: name) {
            .quick($0, index, tags: Self.tags, hdr: .none, settings: settings)
        }
        return try assemble(logs, source: path, index, range, container: container, into: folder, name: name)
    }

    /// Samples of the first sound track as 16-bit mono at 48 kHz.
    private func sound(_ path: String) throws -> [Int16] {
        let raw = folder.file(UUID().uuidString)
        let (status, text) = try run(
            "ffmpeg", ["-v", "error", "-y", "-i", path, "-map", "0:a:0", "-f", "s16le", "-ac", "1", "-ar", "48000", raw])
        try #require(status == 0, "\(text)")
        return try bytes(raw).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    @Test(
        "Sound in MXF is exactly as long as the picture, whatever it was",
        arguments: [(0.0, 2.0), (0.36, 1.64), (0.5, 0.7), (0, 0.4), (0, 3)])
    func fills(delay: Double, seconds: Double) throws {
        let (path, index) = try source(soundDelay: delay, seconds: seconds)
        let (file, report) = try rendition(path, index, .mxf)
        #expect(report.frameCount == 50)
        let made = try FrameIndex.scan(file, context: .test)
        #expect(made.count == 50)
        let samples = try sound(file)
        #expect(samples.count == 96_000)
        let (start, end) = (Int(delay * 48_000), min(Int((delay + seconds) * 48_000), 96_000))
        // Silence to the millisecond that Matroska's times have, then the tone, then silence.
        #expect(samples.prefix(max(start - 48, 0)).allSatisfy { $0 == 0 })
        #expect(samples[(start + 480)..<(start + 960)].contains { abs(Int($0)) > 8000 })
        #expect(samples.dropFirst(end + 48).allSatisfy { $0 == 0 })
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(facts.problems == [])
        #expect(facts.sound.first?.offset == 0)
        #expect(facts.boxes == [])
    }

    @Test(
        "Other codecs and rates become 48 kHz PCM in MXF",
        arguments: [("aac", 48_000, "pcm_s24le", "codecRefusedConverted"), ("pcm_s16le", 44_100, "pcm_s16le", "rateRefusedConverted")])
    func converts(codec: String, rate: Int, made: String, reason: String) throws {
        let (path, index) = try source(rate: rate, audio: ["-c:a", codec])
        let (file, report) = try rendition(path, index, .mxf)
        let decision = try #require(report.decisions.first { $0.kind == .audio })
        #expect(decision.action == .converted)
        #expect(decision.reason.rawValue == reason)
        #expect(decision.newCodecName == made)
        let samples = try sound(file)
        #expect(samples.count == 96_000)
        // The tone has kept its pitch: 440 Hz cross zero upwards 440 times a second.
        let crossings = zip(samples, samples.dropFirst()).filter { $0 < 0 && $1 >= 0 }.count
        #expect(abs(crossings - 880) <= 3)
    }

    @Test("A part in MXF begins with the sound of its first frame")
    func trimmed() throws {
        let (path, index) = try source()
        let (file, _) = try rendition(path, index, .mxf, range: FrameRange(13, 37))
        let (whole, part) = (try sound(path), try sound(file))
        #expect(part == Array(whole[(13 * 1920)..<(37 * 1920)]))
    }

    @Test("Transport streams keep what they name, code the rest as AAC, and stay in sync", arguments: ["ac3", "aac", "pcm_s16le", "flac"])
    func transport(codec: String) throws {
        let (path, index) = try source(audio: ["-c:a", codec], soundDelay: 0.2, seconds: 1.5)
        let (file, report) = try rendition(path, index, .mpegTS)
        let decision = try #require(report.decisions.first { $0.kind == .audio })
        let isKept = codec == "ac3" || codec == "aac"
        #expect(decision.action == (isKept ? .kept : .converted))
        #expect(decision.newCodecName == (isKept ? nil : "aac"))
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(facts.problems == [])
        let offset = try #require(facts.sound.first?.offset)
        // A packet of the codec's run-in may stand before it.
        #expect(abs(offset - 0.2) < 0.05)
        let made = try FrameIndex.scan(file, context: .test)
        #expect(made.count == 50)
        #expect(made.frameRate == .constant(Rational(25, 1)))
    }

    @Test("H.264 and H.265 in containers without a header carry their parameter sets at every keyframe")
    func parameterSets() throws {
        let (path, index) = try source()
        let hevc = try rendition(path, index, .mpegTS, settings: .hevc(HEVCSettings(preset: .ultrafast)), name: "hevc").path
        let facts = try DeliveryCheck.facts(of: hevc, context: .test)
        #expect(facts.problems == [])
        #expect(facts.picture.bitstreamColor == Self.tags)
        #expect(facts.picture.profile == 1)
        #expect(facts.picture.keyframeCount == 5)
        for container in [RenditionContainer.mpegTS, .mxf] {
            let settings = EncodingSettings.h264(H264Settings(preset: .ultrafast, reorderedFrames: 0))
            let file = try rendition(path, index, container, settings: settings, name: "h264-\(container)").path
            #expect(try FrameIndex.scan(file, context: .test).count == 50)
            // A reader that begins in the middle finds everything.
            let shown = try run("ffmpeg", ["-v", "error", "-xerror", "-ss", "1.3", "-i", file, "-f", "null", "-"])
            #expect(shown.status == 0 && shown.output.isEmpty, "\(shown.output)")
        }
    }

    @Test("HDR metadata in a transport stream stands in the stream", arguments: ["hevc", "h264"])
    func hdr(codec: String) throws {
        let (path, index) = try source(more: ["-pix_fmt", "yuv420p10le"])
        let settings: EncodingSettings =
            codec == "hevc" ? .hevc(HEVCSettings(preset: .ultrafast)) : .h264(H264Settings(preset: .ultrafast))
        let logs = try encode(path, index, index.all, into: folder) { .quick($0, index, settings: settings) }
        let (file, report) = try assemble(logs, source: path, index, index.all, container: .mpegTS, into: folder)
        #expect(report.omissions == nil)
        if codec == "hevc" {
            #expect(try MediaProbe.describe(file, context: .test).video.hdr == HDR10.metadata)
        } else {
            // FFmpeg 5.1 does not read these messages of H.264: Tables D.32 and D.33, as payloads 137 and 144.
            let stream = folder.file("stream.h264")
            try run("ffmpeg", ["-v", "error", "-y", "-i", file, "-map", "0:v", "-c", "copy", "-f", "h264", stream])
            let written = try bytes(stream)
            #expect(written.range(of: Data([0x06, 137, 24, 0x33, 0xC2, 0x86, 0xC4])) != nil, "green 13250, 34500")
            #expect(written.range(of: Data([0x06, 144, 4, 0x03, 0x20, 0x00, 0xC8])) != nil, "800 and 200 cd/m²")
        }
        #expect(try MediaProbe.describe(file, context: .test).video.colorTags.transfer == .pq)
    }

    @Test("What has no place is named")
    func omissions() throws {
        let chapters = folder.file("chapters")
        try Data(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n".utf8).write(to: URL(fileURLWithPath: chapters))
        let (plain, _) = try source()
        let path = try folder.clip(
            "source.mov", source: ["-i", plain, "-i", chapters, "-map", "0", "-map_chapters", "1"],
            ["-c", "copy", "-timecode", "01:00:00:00"])
        let index = try FrameIndex.scan(path, context: .test)
        let (_, transport) = try rendition(path, index, .mpegTS, name: "ts")
        #expect(transport.omissions == [.chapters, .timecode])
        #expect(transport.chapterCount == 0)
        let (file, mxf) = try rendition(path, index, .mxf, range: FrameRange(25, 50), name: "mxf")
        #expect(mxf.timecode == "01:00:01:00")
        #expect(try ffprobe(file, "-show_entries", "format_tags=timecode").contains("01:00:01:00"))
        let described = try MediaProbe.describe(file, context: .test)
        #expect(described.timecode == "01:00:01:00")
        #expect(described.containerName == "mxf")
    }
}
