import Foundation
import Media
import Primitives
import Testing

/// Files that name times no recording has: nothing may be computed with them before they are held against the bounds.
@Suite struct HostileTimeTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// Puts numbers of eight bytes so many bytes behind what each finds, in order, behind the one before.
    private func write(_ values: [(find: [UInt8], skip: Int, value: Int64)], to path: String) throws {
        var data = try bytes(path)
        var from = data.startIndex
        for (find, skip, value) in values {
            let found = try #require(data.range(of: Data(find), in: from..<data.endIndex))
            from = found.upperBound + skip + 8
            data.replaceSubrange(from - 8..<from, with: withUnsafeBytes(of: value.bigEndian) { Data($0) })
        }
        try data.write(to: URL(fileURLWithPath: path))
    }

    /// Two fragments of five frames, 12800 ticks a second, whose times begin where they are told to.
    private func fragments(_ first: Int64, _ second: Int64) throws -> String {
        let path = try folder.clip(
            "fragments.mp4", source: testSource(frames: 10),
            ["-c:v", "libx264", "-preset", "ultrafast", "-g", "5", "-bf", "0", "-movflags", "frag_keyframe+empty_moov"])
        // `tfdt`: version and flags, then a time of 64 bits.
        try write([first, second].map { (Array("tfdt".utf8), 4, $0) }, to: path)
        return path
    }

    @Test(
        "Times of fragments out of all bounds are refused by name",
        arguments: [
            (-0x5000_0000_0000_0000, 0x4000_0000_0000_0000), (0, 0x1000_0000_0000_0000), (0, 0x7FFF_FFFF_FFFF_0000),
            (-0x7FFF_FFFF_FFFF_0000, 0),
        ] as [(Int64, Int64)])
    func farFragments(first: Int64, second: Int64) throws {
        let path = try fragments(first, second)
        let error = #expect(throws: MediaError.self) { try FrameIndex.scan(path, context: .test) }
        switch error {
        case .unsupported(.timestamps), .limitExceeded(.milliseconds, _, _): break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test("Fragments further apart than a file may last are refused by their length; others keep their times")
    func distantFragments() throws {
        let hour: Int64 = 3600 * 12_800
        let far = try fragments(0, 50 * hour)
        let error = #expect(throws: MediaError.self) { try FrameIndex.scan(far, context: .test) }
        guard case .limitExceeded(.milliseconds, let value, 172_800_000) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((180_000_000...180_001_000).contains(value))
        let index = try FrameIndex.scan(try fragments(0, 47 * hour), context: .test)
        #expect(index.count == 10)
        #expect(index.time(5).seconds == 169_200)
        #expect(index.frameRate != .constant(Rational(25, 1)))
    }

    @Test(
        "Chapters of any length are cut to the picture, and those beyond all bounds left out",
        arguments: [
            (-0x6000_0000_0000_0000, 0x6000_0000_0000_0000, 1), (0, .max, 1), (0x6000_0000_0000_0000, 0x7000_0000_0000_0000, 0),
            (5, -5, 0),
        ] as [(Int64, Int64, Int)])
    func chapters(start: Int64, end: Int64, count: Int) throws {
        // Long enough for the muxer to write eight bytes each.
        let chapters = folder.file("chapters.txt")
        try ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=80000000000\nEND=80000000001\ntitle=One\n"
            .write(toFile: chapters, atomically: true, encoding: .utf8)
        let path = try folder.clip(
            "source.mkv", source: ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=0.4", "-i", chapters],
            ["-map", "0", "-map_chapters", "1", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le"])
        // ChapterTimeStart and ChapterTimeEnd, in nanoseconds.
        let written: (start: [UInt8], end: [UInt8]) = (
            [0x91, 0x88, 0x01, 0x1C, 0x37, 0x93, 0x7E, 0x08, 0, 0], [0x92, 0x88, 0x01, 0x1C, 0x37, 0x93, 0x7E, 0x17, 0x42, 0x40]
        )
        try write([(written.start, -8, start), (written.end, -8, end)], to: path)
        #expect(try MediaProbe.describe(path, context: .test).chapters.count == count)
        let index = try FrameIndex.scan(path, context: .test)
        let logs = try encode(path, index, index.all, into: folder) { .quick($0, index) }
        let (file, report) = try assemble(logs, source: path, index, index.all, into: folder)
        #expect(report.chapterCount == count)
        let carried = try MediaProbe.describe(file, context: .test).chapters
        #expect(carried.map(\.title) == (count == 1 ? ["One"] : []))
        for chapter in carried { #expect(chapter.start.seconds == 0 && abs(chapter.end.seconds - 0.4) < 0.002) }
        #expect(try DeliveryCheck.facts(of: file, context: .test).problems == [])
    }

    @Test(
        "A stored index with times that earlier releases let pass is refused as the file is",
        arguments: [
            StoredIndex(1, 12_800, [-0x5000_0000_0000_0000, 0x4000_0000_0000_0000], 0x4000_0000_0000_0200),
            StoredIndex(1, 12_800, [0, 0x1000_0000_0000_0000], 0x1000_0000_0000_0200), StoredIndex(1, 25, [.min, .max], .max),
            StoredIndex(1, 25, [0], .max), StoredIndex(1, 25, [0], .min),
            StoredIndex(0x7FFF_FFFF, 1, [0, 0x100_0000_0000], 0x200_0000_0000),
            StoredIndex(1, 0x7FFF_FFFF, [0, 0x2000_0000_0000_0000], 0x2000_0000_0000_0001),
        ])
    func storedFarTimes(_ index: StoredIndex) throws {
        let error = #expect(throws: MediaError.self) { try FrameIndex(serialized: index.bytes) }
        guard case .unsupported(.timestamps) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "A stored index that is too long says how long it is",
        arguments: [
            (StoredIndex(1, 12_800, [0, 2_304_000_000], 2_304_000_512), 180_000_040),
            (StoredIndex(1, 1, [-0x8000_0000, 0x8000_0000], 0x8000_0000), 4_294_967_296_000),
            (StoredIndex(0x7FFF_FFFF, 1, [0], 1), 2_147_483_647_000),
        ] as [(StoredIndex, Int64)])
    func storedLength(_ index: StoredIndex, milliseconds: Int64) {
        #expect(throws: MediaError.limitExceeded(.milliseconds, value: milliseconds, allowed: 172_800_000)) {
            try FrameIndex(serialized: index.bytes)
        }
    }

    @Test("A unit with terms that no file has is damage")
    func storedUnit() {
        let stored = StoredIndex(1, 0x8000_0000, [0], 1)
        #expect(throws: MediaError.damagedObject(.malformed)) { try FrameIndex(serialized: stored.bytes) }
    }

    @Test(
        "Everything can be asked of the furthest times and the finest units within the bounds",
        arguments: [
            // 47 hours; then the largest times of either sign.
            StoredIndex(1, 0x7FFF_FFFF, [0, 1, 2, 3, 363_354_233_072_400], 363_354_233_072_401),
            StoredIndex(1, 0x7FFF_FFFF, [-0x2000_0000_0000_0000, -0x1FFF_FFFF_FFFF_FFFF, -0x1FFF_FFFF_FFFF_FFFE], -0x1FFF_FFFF_FFFF_FFFD),
            StoredIndex(1, 1_000_000_000, [0x1FFF_FFFF_FFFF_FFFD, 0x1FFF_FFFF_FFFF_FFFE, 0x1FFF_FFFF_FFFF_FFFF], 0x2000_0000_0000_0000),
            StoredIndex(86_400, 1, [0, 1], 2), StoredIndex(1, 1000, [0], 172_800_000), StoredIndex(1, 1000, [0, 1, 2], 0),
        ])
    func furthestTimes(_ stored: StoredIndex) throws {
        let index = try FrameIndex(serialized: stored.bytes)
        let rate =
            switch index.frameRate {
            case .constant(let rate), .variable(average: let rate): rate
            }
        #expect(rate.numerator > 0 && rate.denominator > 0)
        #expect(index.duration.seconds <= 172_800)
        _ = (index.roundedRate, index.gaps(in: index.all), index.duration(of: index.count - 1))
        #expect(index.frames(fromMilliseconds: .max, toMilliseconds: nil).isEmpty)
        #expect(index.frames(fromMilliseconds: 0, toMilliseconds: .max).end == index.count)
        #expect(try FrameIndex(serialized: index.serialized()) == index)
    }
}

/// The stored form of an index (`FrameIndex.serialized`) with any times, which no scan gives.
struct StoredIndex: Sendable {
    /// Seconds of a tick are `numerator` / `denominator`.
    let numerator: Int64
    let denominator: Int64
    let times: [Int64]
    let endTime: Int64

    init(_ numerator: Int64, _ denominator: Int64, _ times: [Int64], _ endTime: Int64) {
        (self.numerator, self.denominator, self.times, self.endTime) = (numerator, denominator, times, endTime)
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = Array("RMFI".utf8) + [3, 0]
        func append(_ value: Int64) {
            var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
        let count = Int64(times.count)
        for value in [numerator, denominator, 0, endTime, 1000, count, count] { append(value) }
        var (previous, step): (Int64, Int64) = (0, 0)
        for time in times {
            append(time &- previous &- step)
            step = time &- previous
            previous = time
        }
        // Packets stand as frames do; no keys, nothing left out, no changes.
        for value in [Int64](repeating: 0, count: times.count) + [0, 0, 0] { append(value) }
        var checksum = CRC32C()
        checksum.update(bytes)
        return bytes + withUnsafeBytes(of: checksum.value.littleEndian) { Array($0) }
    }
}
