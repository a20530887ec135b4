import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// Sound that begins later in a transport stream than opening it looks.
@Suite struct LateSoundTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// 14 s of picture and MPEG sound; AC-3 from 12 s on.
    private func recording() throws -> String {
        try folder.clip(
            "late.ts",
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=14", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=14",
                "-itsoffset", "12", "-f", "lavfi", "-i", "sine=frequency=700:sample_rate=48000:duration=1.5",
            ],
            [
                "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-c:a:0",
                "mp2",
                "-c:a:1", "ac3", "-max_interleave_delta", "0",
            ])
    }

    @Test("Sound that begins late is described, and carried at its place", arguments: [RenditionContainer.mov, .mpegTS])
    func late(container: RenditionContainer) throws {
        let path = try recording()
        let index = try FrameIndex.scan(path, context: .test)
        let audio = try MediaProbe.describe(path, context: .test).audio
        #expect(audio.map(\.codecName) == ["mp2", "ac3"])
        #expect(audio.map(\.sampleRate) == [48_000, 48_000])
        #expect(audio.map(\.channels) == [1, 1])
        let start = MediaTime(try #require(audio.last?.startTime), try #require(audio.last?.timebase)).seconds
        #expect(abs(start - index.time(0).seconds - 12) < 0.02)

        let range = FrameRange(275, index.count)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let (file, report) = try assemble(logs, source: path, index, range, container: container, into: folder)
        #expect(report.decisions.map(\.reason) == [.processed, container == .mov ? .codecRefusedConverted : .compatible, .compatible])
        let facts = try DeliveryCheck.facts(of: file, context: .test)
        #expect(facts.sound.map(\.codecName).last == "ac3")
        #expect(abs((facts.sound.last?.offset ?? 99) - (start - index.time(275).seconds)) < 0.0011)
        #expect(abs((facts.sound.last?.duration ?? 99) - 1.5) < 0.1)
    }

    @Test("Sound that a transport stream announces and never sends is left out for that reason")
    func never() throws {
        let path = try recording()
        var data = try [UInt8](bytes(path))
        var removed = 0
        // The third stream's packets become stuffing.
        for start in stride(from: 0, to: data.count, by: 188) where data[start + 1] & 0x1F == 1 && data[start + 2] == 2 {
            data[start + 1] = 0x1F
            data[start + 2] = 0xFF
            removed += 1
        }
        #expect(removed > 0)
        try Data(data).write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        let range = FrameRange(0, 10)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let decisions = try assemble(logs, source: path, index, range, into: folder).report.decisions
        #expect(decisions.map(\.reason) == [.processed, .codecRefusedConverted, .noParameters])
        #expect(decisions.map(\.action) == [.replaced, .converted, .dropped])
    }

    @Test(
        "A range far into a transport stream has its sound; one that has none says so", arguments: [RenditionContainer.mov, .mxf, .mpegTS])
    func farRange(container: RenditionContainer) throws {
        let path = try folder.clip(
            "long.ts",
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=44", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=44",
                "-f", "lavfi", "-i", "sine=frequency=700:sample_rate=48000:duration=8",
            ],
            ["-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg2video", "-pix_fmt", "yuv420p", "-c:a", "ac3"])
        let index = try FrameIndex.scan(path, context: .test)
        let range = FrameRange(1000, 1050)
        let logs = try encode(path, index, range, into: folder) {
            let quick = EncodingSettings.hevc(HEVCSettings(rateControl: .quality(30), preset: .ultrafast))
            let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
            return .quick($0, index, tags: tags, hdr: .none, settings: container == .mxf ? .mpeg2(MPEG2Settings()) : quick)
        }
        let (file, report) = try assemble(logs, source: path, index, range, container: container, into: folder)
        let sound = report.decisions.filter { $0.kind == .audio }
        #expect(sound.map { $0.isSilent ?? false } == [false, true])
        let (status, text) = try run("ffmpeg", ["-v", "info", "-i", file, "-map", "0:a:0", "-af", "volumedetect", "-f", "null", "-"])
        try #require(status == 0, "\(text)")
        let volume = try #require(text.firstMatch(of: /max_volume: (-?[0-9.]+) dB/)?.1)
        #expect(try #require(Double(volume)) > -30)
        let facts = try DeliveryCheck.facts(of: file, decisions: report.decisions, context: .test)
        #expect(!facts.problems.contains(.soundEndDiffers))
        #expect(abs((facts.sound.first?.duration ?? 0) - 2) < 0.1)
    }
}
