import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// Where sound lands whose packets are missing, overlap, or have wrong times: a beep each second tells.
@Suite struct SoundPlaceTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    private static let beeps = "0.5*sin(6000*t)*lt(mod(t\\,1)\\,0.05)"
    private static let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)

    /// Four seconds of Flash Video, whose times are whole milliseconds, with the times of its sound changed.
    private func source(_ codec: String, retiming: (_ number: Int, _ milliseconds: Int) -> Int?) throws -> (String, FrameIndex) {
        let whole = try folder.clip(
            "whole.flv",
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=10:duration=4", "-f", "lavfi", "-i", "aevalsrc=\(Self.beeps):s=44100:d=4",
            ], ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", codec])
        let path = folder.file("source.flv")
        try FlashVideo.retimed(try bytes(whole), retiming).write(to: URL(fileURLWithPath: path))
        return (path, try FrameIndex.scan(path, context: .test))
    }

    private func rendition(_ path: String, _ index: FrameIndex, _ container: RenditionContainer) throws -> (String, StreamDecision) {
        let logs = try encode(path, index, index.all, into: folder, name: "\(container)") {
            .quick($0, index, tags: Self.tags, hdr: .none)
        }
        let (file, report) = try assemble(logs, source: path, index, index.all, container: container, into: folder)
        let facts = try DeliveryCheck.facts(of: file, decisions: report.decisions, context: .test)
        #expect(facts.problems == [])
        return (file, try #require(report.decisions.first { $0.kind == .audio }))
    }

    /// Samples of 16 bits in turn: of one channel at 48 kHz and by their times, or just as they follow each other.
    private func sound(_ path: String, arguments: [String] = ["-af", "aresample=48000:async=1:first_pts=0", "-ac", "1"]) throws -> [Int16] {
        let raw = folder.file(UUID().uuidString)
        let (status, text) = try run(
            "ffmpeg", ["-v", "error", "-y", "-i", path, "-map", "0:a:0"] + arguments + ["-f", "s16le", raw])
        try #require(status == 0, "\(text)")
        return try bytes(raw).withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
    }

    /// Milliseconds from the first beep to each.
    private func beeps(_ samples: [Int16]) -> [Double] {
        var (found, last): ([Int], Int) = ([], -48_000)
        for (place, sample) in samples.enumerated() where abs(Int(sample)) > 4000 {
            if place - last > 9600 { found.append(place) }
            last = place
        }
        return found.map { Double($0 - (found.first ?? 0)) / 48 }
    }

    private func expect(_ beeps: [Double], at places: [Double], within tolerance: Double = 5) {
        #expect(beeps.count == places.count, "\(beeps)")
        for (beep, place) in zip(beeps, places) { #expect(abs(beep - place) < tolerance, "\(beep) for \(place)") }
    }

    private static let ways: [(String, RenditionContainer)] = [
        ("pcm_s16le", .mov), ("pcm_u8", .mov), ("pcm_s16le", .mp4), ("pcm_s16le", .mpegTS), ("aac", .mov), ("aac", .mp4), ("aac", .mpegTS),
    ]

    @Test("Behind a gap sound keeps its place against the picture, copied and converted", arguments: ways)
    func gap(codec: String, container: RenditionContainer) throws {
        let (path, index) = try source(codec) { (1200..<1700).contains($1) ? nil : $1 }
        let (file, decision) = try rendition(path, index, container)
        let samples = try sound(file)
        expect(beeps(samples), at: [0, 1000, 2000, 3000])
        let gaps = try #require(decision.gaps)
        #expect(gaps.count == 1 && abs(gaps.milliseconds - 500) < 50 && abs(gaps.firstAtMilliseconds - 1200) < 60)
        #expect(decision.overlaps == nil && decision.passedStamps == nil && decision.farSound == nil)
        // Silence, and no constant: bytes of 0 are the lowest level of unsigned samples.
        let first = try #require(samples.indices.first { abs(Int(samples[$0])) > 4000 })
        #expect(samples[(first + 62_400)..<(first + 76_800)].allSatisfy { abs(Int($0)) < 300 })
    }

    @Test("Of sound that overlaps the first is kept, and what follows has its place", arguments: ways)
    func overlap(codec: String, container: RenditionContainer) throws {
        let (path, index) = try source(codec) { $1 >= 1500 ? $1 - 400 : $1 }
        let (file, decision) = try rendition(path, index, container)
        // A packet that overlaps in part is kept whole; ffmpeg plays it behind the other and does not make up for so little.
        expect(beeps(try sound(file)), at: [0, 1000, 1600, 2600], within: codec == "aac" ? 25 : 5)
        let overlaps = try #require(decision.overlaps)
        #expect(overlaps.count == 1 && abs(overlaps.milliseconds - 400) < 50)
        #expect(decision.gaps == nil && decision.passedStamps == nil)
    }

    @Test(
        "Single time stamps that are wrong end no job, and move nothing",
        arguments: ["repeated", "pairs", "back", "forward"], [RenditionContainer.mov, .mp4, .mpegTS])
    func stamps(kind: String, container: RenditionContainer) throws {
        var last = 0
        let (path, index) = try source("aac") { number, time in
            defer { last = kind == "pairs" && number % 2 == 1 ? last : time }
            return switch kind {
            case "repeated": number == 40 ? last : time
            case "pairs": number % 2 == 1 ? last : time
            case "back": number == 40 ? time - 70 : time
            default: number == 40 ? time + 700 : time
            }
        }
        let (file, decision) = try rendition(path, index, container)
        expect(beeps(try sound(file)), at: [0, 1000, 2000, 3000])
        let count = try #require(decision.passedStamps).count
        #expect(kind == "pairs" ? count > 60 : count == 1)
        #expect(decision.gaps == nil && decision.overlaps == nil)
    }

    @Test("Times that are rounded or jitter insert nothing and cut nothing", arguments: [0, 6])
    func jitter(milliseconds: Int) throws {
        let (path, index) = try source("pcm_s16le") { $0 == 0 ? $1 : $0 % 2 == 0 ? $1 + milliseconds : $1 - milliseconds }
        let (copied, decision) = try rendition(path, index, .mov)
        let (converted, other) = try rendition(path, index, .mp4)
        for decision in [decision, other] {
            #expect(decision.gaps == nil && decision.overlaps == nil && decision.passedStamps == nil)
        }
        let original = try sound(folder.file("whole.flv"), arguments: [])
        #expect(try sound(copied, arguments: []) == original)
        #expect(try sound(converted, arguments: []) == original)
    }

    @Test("Sound at times that no recording reaches is left out, without silence up to there", arguments: ["pcm_s16le", "aac"])
    func farTimes(codec: String) throws {
        let (path, index) = try source(codec) { (3200..<3600).contains($1) ? $1 + 0x7000_0000 : $1 }
        for container in [RenditionContainer.mov, .mp4, .mpegTS] {
            let (file, decision) = try rendition(path, index, container)
            #expect(try #require(decision.farSound).count == 1)
            let samples = try sound(file)
            expect(beeps(samples), at: [0, 1000, 2000, 3000])
            #expect(abs(samples.count - 192_000) < 4800)
        }
    }

    /// Four seconds of a transport stream whose sound is stereo, and mono from 2 s on.
    private func changing() throws -> (String, FrameIndex) {
        var joined = Data()
        for channels in [2, 1] {
            let expression = Array(repeating: Self.beeps, count: channels).joined(separator: "|")
            let part = try folder.clip(
                "\(channels).mp2", source: ["-f", "lavfi", "-i", "aevalsrc=\(expression):s=48000:d=2.016"], ["-c:a", "mp2"])
            joined += try bytes(part)
        }
        try joined.write(to: URL(fileURLWithPath: folder.file("joined.mp2")))
        let path = try folder.clip(
            "source.ts", source: ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=4", "-i", folder.file("joined.mp2")],
            ["-c:v", "mpeg2video", "-c:a", "copy"])
        return (path, try FrameIndex.scan(path, context: .test))
    }

    @Test("Sound that goes on with other channels is mixed to those of the track, and named")
    func changeOfChannels() throws {
        let (path, index) = try changing()
        let (file, decision) = try rendition(path, index, .mov)
        // Each part ends in the third beep of its own.
        expect(beeps(try sound(file)), at: [0, 1000, 2000, 3016, 4016])
        #expect(try ffprobe(file, "-select_streams", "a", "-show_entries", "stream=channels") == "channels=2")
        let change = try #require(decision.soundChange)
        #expect(change.from == "stereo at 48000 Hz" && change.to == "mono at 48000 Hz" && change.count == 1)
        #expect(change.unified == "stereo at 48000 Hz")
        #expect(abs(change.atMilliseconds - 2016) < 60)
        #expect(decision.gaps == nil && decision.overlaps == nil)
        // In both channels, as loud as before.
        let both = try sound(file, arguments: [])
        for channel in 0..<2 {
            let levels = stride(from: channel, to: both.count, by: 2).map { abs(Int(both[$0])) }
            let (early, late) = (levels[..<90_000].max() ?? 0, levels[102_000...].max() ?? 0)
            #expect(early > 12_000 && abs(early - late) < 2000)
        }
    }

    @Test("The same sound in a container that takes its packets is kept, and named")
    func copiedChange() throws {
        let (path, index) = try changing()
        let (_, decision) = try rendition(path, index, .mpegTS)
        #expect(decision.action == .kept)
        let change = try #require(decision.soundChange)
        #expect(change.from == "stereo at 48000 Hz" && change.to == "mono at 48000 Hz" && change.unified == nil)
        #expect(decision.gaps == nil)
    }
}

/// Flash Video, whose tags are easily told apart: type, length of 3 bytes, time in milliseconds of 3 bytes and a highest one.
enum FlashVideo {
    /// The file with other times for its packets of sound, counted from 0; nil leaves one out. Headers of AAC are none.
    static func retimed(_ file: Data, _ change: (_ number: Int, _ milliseconds: Int) -> Int?) -> Data {
        let bytes = [UInt8](file)
        var result = Data(bytes[..<13])
        var (position, number) = (13, 0)
        while position + 13 <= bytes.count {
            let length = 11 + (Int(bytes[position + 1]) << 16 | Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])) + 4
            guard position + length <= bytes.count else { break }
            var tag = Array(bytes[position..<position + length])
            position += length
            let isHeader = tag[11] >> 4 == 10 && tag[12] == 0
            if tag[0] == 8, !isHeader {
                let time = Int(tag[7]) << 24 | Int(tag[4]) << 16 | Int(tag[5]) << 8 | Int(tag[6])
                number += 1
                guard let other = change(number - 1, time) else { continue }
                for (place, shift) in [(7, 24), (4, 16), (5, 8), (6, 0)] { tag[place] = UInt8(truncatingIfNeeded: other >> shift) }
            }
            result += tag
        }
        return result
    }
}
