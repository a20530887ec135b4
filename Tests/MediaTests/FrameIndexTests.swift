import Foundation
import Media
import Primitives
import Testing

@Suite struct FrameIndexTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("A stream that starts late keeps its offset")
    func startOffset() throws {
        let path = try folder.clip(
            "late.mkv",
            source: ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25", "-frames:v", "10"],
            ["-vf", "setpts=PTS+0.4/TB", "-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 10)
        #expect(index.time(0).seconds == 0.4)
        #expect(abs(index.duration.seconds - 0.4) < 0.002)
    }

    @Test("Variable rates are told from constant ones")
    func variableRate() throws {
        let path = try folder.clip(
            "vfr.mp4", ["-vf", "setpts='(N+0.5*gt(N,10)*(N-10))/25/TB'", "-vsync", "vfr", "-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 30)
        guard case .variable(let average) = index.frameRate else {
            Issue.record("\(String(describing: index.frameRate))")
            return
        }
        #expect(average.double > 17 && average.double < 25)
    }

    @Test("Rates survive containers that round times to milliseconds", arguments: ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
    func roundedRates(rate: String) throws {
        let parts = rate.split(separator: "/").compactMap { Int64($0) }
        let path = try folder.clip("a.mkv", source: testSource(rate: rate, frames: 60), ["-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.frameRate == .constant(Rational(parts[0], parts.count > 1 ? parts[1] : 1)))
    }

    @Test("Milliseconds choose the frames that begin in them, and the one on the screen at their start")
    func milliseconds() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.frames(fromMilliseconds: nil, toMilliseconds: nil) == FrameRange(0, 30))
        #expect(index.frames(fromMilliseconds: 400, toMilliseconds: 800) == FrameRange(10, 20))
        #expect(index.frames(fromMilliseconds: 410, toMilliseconds: 801) == FrameRange(10, 21))
        #expect(index.frames(fromMilliseconds: 0, toMilliseconds: 100_000) == FrameRange(0, 30))
        #expect(index.frames(fromMilliseconds: 1200, toMilliseconds: nil).isEmpty)
    }

    @Test("Edit lists cut frames off the front")
    func editList() throws {
        let whole = try folder.clip("whole.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-bf", "0"])
        let cut = folder.file("cut.mp4")
        let (status, text) = try run("ffmpeg", ["-v", "error", "-y", "-ss", "0.4", "-i", whole, "-c", "copy", cut])
        try #require(status == 0, "\(text)")
        let index = try FrameIndex.scan(cut, context: .test)
        #expect(index.count == 20)
        let all = try FrameIndex.scan(whole, context: .test)
        let expected = try frames(whole, all, FrameRange(10, 30)).map(\.digest)
        #expect(try frames(cut, index, index.all).map(\.digest) == expected)
    }

    @Test("A broadcast that was cut into begins with its first decodable frame", arguments: [7, 40, 60])
    func cutBroadcast(packets: Int) throws {
        let whole = try folder.clip(
            "whole.ts", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "8", "-x264-params", "open-gop=1"])
        let data = try Data(contentsOf: URL(fileURLWithPath: whole))
        let path = folder.file("cut.ts")
        try data.dropFirst(188 * packets).write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count >= 10 && index.count < 30)
        let seen = try frames(path, index, index.all)
        #expect(seen.map(\.time) == index.times)
        // Every frame is one of the whole.
        let all = try FrameIndex.scan(whole, context: .test)
        let originals = try frames(whole, all, all.all).map(\.digest)
        #expect(seen.map(\.digest) == Array(originals.suffix(seen.count)))
    }

    @Test("Two recordings pasted together are refused: their time jumps back")
    func pasted() throws {
        let one = try folder.clip("one.ts", ["-c:v", "mpeg2video", "-bf", "0"])
        let path = folder.file("two.ts")
        let data = try Data(contentsOf: URL(fileURLWithPath: one))
        try (data + data).write(to: URL(fileURLWithPath: path))
        #expect(throws: MediaError.unsupported(.timestamps("time jumps back at frame 30"))) { try FrameIndex.scan(path, context: .test) }
    }

    @Test("Frames with equal time stamps all have a place, in ascending order")
    func repeatedTimes() throws {
        let path = try folder.clip("fast.mkv", source: testSource(rate: "1500", frames: 12), ["-c:v", "ffv1"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 12)
        #expect(zip(index.times, index.times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(Set(try frames(path, index, index.all).map(\.digest)).count == 12)
    }

    @Test("A file that ends before the size in its head is truncated", arguments: ["a.mkv", "a.avi"])
    func missingEnd(name: String) throws {
        let path = try folder.clip(name, ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.prefix(data.count * 6 / 10).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: MediaError.self) { try FrameIndex.scan(path, context: .test) }
        guard case .truncated(let found, nil) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found > 5 && found < 30)
    }

    @Test("The stored form is small and comes back equal")
    func roundTrip() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "10"])
        let index = try FrameIndex.scan(path, context: .test)
        let stored = index.serialized()
        #expect(stored.count < 200)
        #expect(try FrameIndex(serialized: stored) == index)
    }

    @Test("A damaged stored form is refused")
    func damage() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        let stored = try FrameIndex.scan(path, context: .test).serialized()
        #expect(throws: MediaError.damagedObject(.notThisKind)) { try FrameIndex(serialized: []) }
        #expect(throws: MediaError.damagedObject(.notThisKind)) { try FrameIndex(serialized: stored.dropFirst()) }
        #expect(throws: MediaError.damagedObject(.cutShort)) { try FrameIndex(serialized: stored.prefix(7)) }
        for position in 5..<stored.count {
            var broken = stored
            broken[position] ^= 0x10
            #expect(throws: MediaError.damagedObject(.checksumMismatch)) { try FrameIndex(serialized: broken) }
        }
        for length in 10..<stored.count {
            #expect(throws: MediaError.self) { try FrameIndex(serialized: stored.prefix(length)) }
        }
    }
}
