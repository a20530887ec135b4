import Foundation
import Media
import Picture
import Primitives
import Testing

private func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

/// Tracks of timecode that count at another rate than the pictures.
@Suite struct TimecodeTrackTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// How a track counts: its ticks a second and a number, and numbers a second.
    private struct Counting {
        let timescale: UInt32
        let ticks: UInt32
        let numbers: UInt8

        var bytes: Data { Data(bigEndian(timescale) + bigEndian(ticks) + [numbers]) }
    }

    /// A clip whose track of timecode says that it counts in another way than the one it was written in.
    ///
    /// - Parameters:
    ///   - timecode: of the first picture, which the track keeps as `number`.
    ///   - newNumber: what it keeps instead.
    private func clip(
        rate: String, timecode: String, _ old: Counting, number: UInt32, _ new: Counting, newNumber: UInt32
    ) throws -> (path: String, index: FrameIndex) {
        let path = try folder.clip(
            "source.mov", source: testSource(rate: rate, frames: 60),
            ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-video_track_timescale", "\(old.timescale)", "-timecode", timecode])
        var data = try bytes(path)
        for (old, new) in [(old.bytes, new.bytes), (Data(bigEndian(number)), Data(bigEndian(newNumber)))] {
            let place = try #require(data.range(of: old))
            try #require(data.range(of: old, in: place.upperBound..<data.endIndex) == nil)
            data.replaceSubrange(place, with: new)
        }
        try data.write(to: URL(fileURLWithPath: path))
        return (path, try FrameIndex.scan(path, context: .test))
    }

    private func assembled(_ source: (path: String, index: FrameIndex), _ range: FrameRange) throws -> AssemblyReport {
        let logs = try encode(source.path, source.index, range, into: folder) { .quick($0, source.index) }
        let (file, report) = try assemble(logs, source: source.path, source.index, range, into: folder)
        #expect(try MediaProbe.describe(file, context: .test).timecode == report.timecode)
        return report
    }

    private static let fifty = Counting(timescale: 50_000, ticks: 1000, numbers: 50)

    @Test(
        "A track of 25 numbers beside 50 pictures a second keeps its moment",
        arguments: [(FrameRange(0, 10), "01:00:00:24"), (FrameRange(50, 60), "01:00:01:24")])
    func half(range: FrameRange, expected: String) throws {
        let source = try clip(
            rate: "50", timecode: "01:00:00:24", Self.fifty, number: 180_024, Counting(timescale: 25_000, ticks: 1000, numbers: 25),
            newNumber: 90_012)
        #expect(try MediaProbe.describe(source.path, context: .test).timecode == "01:00:00:12")
        let report = try assembled(source, range)
        #expect(report.timecode == expected)
        #expect(report.decisions.map(\.reason) == [.processed, .timecodeRewritten])
        #expect(report.omissions == nil)
    }

    @Test(
        "So does one of 30 numbers with drop frame beside 59.94",
        arguments: [(FrameRange(0, 10), "01:01:00;04"), (FrameRange(50, 60), "01:01:00;54")])
    func halfDropFrame(range: FrameRange, expected: String) throws {
        let source = try clip(
            rate: "60000/1001", timecode: "01:01:00;04", Counting(timescale: 60_000, ticks: 1001, numbers: 60), number: 219_384,
            Counting(timescale: 30_000, ticks: 1001, numbers: 30), newNumber: 109_692)
        #expect(try MediaProbe.describe(source.path, context: .test).timecode == "01:01:00;02")
        let report = try assembled(source, range)
        #expect(report.timecode == expected)
        #expect(report.decisions.map(\.reason) == [.processed, .timecodeRewritten])
    }

    @Test("A track that rounds its rate counts pictures all the same")
    func rounded() throws {
        let source = try clip(
            rate: "30000/1001", timecode: "01:00:00:10", Counting(timescale: 30_000, ticks: 1001, numbers: 30), number: 108_010,
            Counting(timescale: 30, ticks: 1, numbers: 30), newNumber: 108_010)
        #expect(try assembled(source, FrameRange(5, 15)).timecode == "01:00:00:15")
    }

    @Test("A track whose numbers do not divide the pictures is left out, and said to be")
    func noMultiple() throws {
        let source = try clip(
            rate: "50", timecode: "01:00:00:24", Self.fifty, number: 180_024, Counting(timescale: 30_000, ticks: 1000, numbers: 30),
            newNumber: 108_000)
        let report = try assembled(source, FrameRange(0, 10))
        #expect(report.timecode == nil)
        #expect(report.decisions.map(\.reason) == [.processed, .timecodeRateChanged])
        #expect(report.omissions == [.timecodeRate])
    }

    @Test("So is an address that there is not at its rate")
    func noAddress() throws {
        let path = try folder.clip(
            "source.mkv", source: testSource(frames: 10), ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-metadata", "timecode=01:00:00;00"])
        let report = try assembled((path: path, index: FrameIndex.scan(path, context: .test)), FrameRange(0, 10))
        #expect(report.timecode == nil)
        #expect(report.omissions == [.timecodeAddress])
    }
}
