import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// Streams whose pictures do not stay alike: two that were coded apart, pasted together.
@Suite struct PictureChangeTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    struct Change: Sendable, CustomTestStringConvertible {
        let field: PictureChange.Field
        let first: [String]
        let second: [String]
        let expected: String
        let found: String
        var testDescription: String { "\(field.rawValue): \(expected) → \(found)" }
    }

    private static func tags(primaries: String = "bt709", transfer: String = "bt709", matrix: String = "bt709", range: String = "tv")
        -> [String]
    {
        ["-color_primaries", primaries, "-color_trc", transfer, "-colorspace", matrix, "-color_range", range]
    }

    static let changes = [
        Change(field: .size, first: ["-s", "64x64"], second: ["-s", "96x64"], expected: "64×64", found: "96×64"),
        Change(
            field: .pixelFormat, first: ["-pix_fmt", "yuv420p"], second: ["-pix_fmt", "yuv420p10le"], expected: "yuv420p",
            found: "yuv420p10le"),
        Change(
            field: .sampleAspectRatio, first: ["-vf", "setsar=1"], second: ["-vf", "setsar=16/11"], expected: "1/1", found: "16/11"),
        Change(field: .primaries, first: tags(), second: tags(primaries: "bt2020"), expected: "bt709", found: "bt2020"),
        Change(field: .transfer, first: tags(), second: tags(transfer: "smpte2084"), expected: "bt709", found: "pq"),
        Change(field: .matrix, first: tags(), second: tags(matrix: "smpte170m"), expected: "bt709", found: "smpte170M"),
        Change(field: .range, first: tags(), second: tags(range: "pc"), expected: "limited", found: "full"),
        Change(
            field: .fieldOrder, first: ["-vf", "setfield=tff", "-flags", "+ildct+ilme", "-x264-params", "tff=1"],
            second: ["-vf", "setfield=bff", "-flags", "+ildct+ilme", "-x264-params", "bff=1"], expected: "topFirst", found: "bottomFirst"),
    ]

    /// Twelve pictures of each, as one transport stream.
    private func pasted(_ first: [String], _ second: [String]) throws -> String {
        var data = Data()
        for (number, arguments) in [first, second].enumerated() {
            let part = try folder.clip(
                "part-\(number).h264", source: testSource(size: "64x64", frames: 12),
                ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0"] + arguments)
            data += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        let raw = folder.file("both.h264")
        try data.write(to: URL(fileURLWithPath: raw))
        return try folder.clip("both.ts", source: ["-framerate", "25", "-i", raw], ["-c", "copy"])
    }

    @Test("A change on the way is named by its frame, its time and both values", arguments: changes)
    func named(_ change: Change) throws {
        let path = try pasted(change.first, change.second)
        let look = try #require(try MediaProbe.describe(path, context: .test).video.look)
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 24)
        let wanted = MediaError.pictureChanged(
            frame: 12, milliseconds: 480, PictureChange(change.field, change.expected, change.found))
        #expect(throws: wanted) { try read(path, index, index.all, look) }
        // A part that begins behind the change is held against the job's word too, not against its own first picture.
        let late = #expect(throws: MediaError.self) { try read(path, index, FrameRange(16, 20), look) }
        guard case .pictureChanged(16, 640, PictureChange(change.field, change.expected, change.found)) = late else {
            Issue.record("\(String(describing: late))")
            return
        }
        #expect(try read(path, index, FrameRange(0, 12), look) == 12)
    }

    @Test(
        "The parts of a file are found by its headers, each with the frame it begins at",
        arguments: changes.filter { $0.field != .fieldOrder })
    func parts(_ change: Change) throws {
        let path = try pasted(change.first, change.second)
        let first = try MediaProbe.describe(path, context: .test).video
        let index = try FrameIndex.scan(path, context: .test)
        #expect(try FrameIndex(serialized: index.serialized()) == index)
        let parts = try #require(try VideoPart.find(in: path, first: first, index: index, context: .test))
        #expect(parts.map(\.firstFrame) == [0, 12])
        #expect(parts.compactMap { $0.video.look?.value(of: change.field) } == [change.expected, change.found])
        // Held against its own first picture the second part is as good as the first.
        #expect(try read(path, index, FrameRange(12, 24), try #require(parts[1].video.look)) == 12)
    }

    @Test("MPEG-2 that changes between 4:3 and 16:9 loses no picture, and every part is found")
    func changingAspect() throws {
        var data = Data()
        for (number, aspect) in ["4/3", "16/9", "4/3"].enumerated() {
            let part = try folder.clip(
                "part-\(number).ts", source: testSource(size: "64x64", frames: 12),
                [
                    "-c:v", "mpeg2video", "-bf", "2", "-g", "6", "-q:v", "3", "-vf", "setdar=\(aspect)", "-output_ts_offset",
                    "\(1 + Double(number) * 0.48)", "-muxdelay", "0", "-muxpreload", "0",
                ])
            data += try Data(contentsOf: URL(fileURLWithPath: part))
        }
        let path = folder.file("all.ts")
        try data.write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 36)
        #expect(try FrameIndex.scan(path, method: .decoding, context: .test).times == index.times)
        let first = try MediaProbe.describe(path, context: .test).video
        let parts = try #require(try VideoPart.find(in: path, first: first, index: index, context: .test))
        #expect(parts.map(\.firstFrame) == [0, 12, 24])
        #expect(parts.map(\.video.displayAspectRatio) == [Rational(4, 3), Rational(16, 9), Rational(4, 3)])
        for (part, end) in zip(parts, [12, 24, 36]) {
            #expect(try read(path, index, FrameRange(part.firstFrame, end), try #require(part.video.look)) == 12)
        }
    }

    @Test("Silence contradicts nothing, and a job's own word is not contradicted")
    func silence() throws {
        let path = try pasted(Self.tags(matrix: "smpte170m"), [])
        var look = try #require(try MediaProbe.describe(path, context: .test).video.look)
        let index = try FrameIndex.scan(path, context: .test)
        #expect(try read(path, index, index.all, look) == 24)
        look.color.matrix = .bt709
        #expect(throws: MediaError.self) { try read(path, index, index.all, look) }
        look.color = .unspecified
        #expect(try read(path, index, index.all, look) == 24)
    }

    private func read(_ path: String, _ index: FrameIndex, _ range: FrameRange, _ look: PictureLook) throws -> Int {
        let reader = try FrameReader(path: path, index: index, range: range, look: look, threads: 1, context: .test)
        var count = 0
        while try reader.next() != nil { count += 1 }
        return count
    }
}
