import Foundation
import Media
import Primitives
import Testing

/// Recordings that stop anywhere: containers that do not announce their length.
@Suite struct RecordingTailTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    struct Recording: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        var testDescription: String { name }
    }

    static let recordings = [
        Recording(name: "h264.ts", arguments: ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12"]),
        Recording(name: "mpeg2.ts", arguments: ["-c:v", "mpeg2video", "-bf", "2", "-g", "9", "-q:v", "2"]),
        Recording(name: "mpeg2.mpg", arguments: ["-c:v", "mpeg2video", "-bf", "2", "-g", "9", "-q:v", "2"]),
        Recording(
            name: "hevc.ts", arguments: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12:bframes=3"]),
        Recording(
            name: "fragments.mp4",
            arguments: ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "8", "-movflags", "frag_keyframe+empty_moov"]),
    ]

    @Test("A recording that stops inside a picture gives every picture up to there, whole and even", arguments: recordings)
    func cut(_ recording: Recording) throws {
        let path = try folder.clip(recording.name, recording.arguments)
        let all = try FrameIndex.scan(path, context: .test)
        #expect(all.count == 30)
        #expect(all.leftOut == 0)
        let originals = try frames(path, all, all.all).map(\.digest)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let part = folder.file("cut-" + recording.name)
        var leftOut = 0
        for share in [45, 52, 60, 67, 75, 83, 90, 97] {
            // Never at the end of a packet of a transport stream.
            let length = data.count * share / 100 / 188 * 188 + 77
            try data.prefix(length).write(to: URL(fileURLWithPath: part))
            let index = try FrameIndex.scan(part, context: .test)
            #expect(index.count > 8 && index.count < 30, "\(share) %")
            #expect(index.frameRate == .constant(Rational(25, 1)), "\(share) %")
            #expect(try frames(part, index, index.all).map(\.digest) == Array(originals.prefix(index.count)), "\(share) %")
            #expect(try FrameIndex(serialized: index.serialized()) == index)
            leftOut += index.leftOut
        }
        #expect(leftOut > 0)
    }

    @Test("A recording of a transport stream that stops between packets gives no half picture of H.265 either")
    func betweenPackets() throws {
        let path = try folder.clip(
            "a.ts", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=12:bframes=3:crf=12"])
        let all = try FrameIndex.scan(path, context: .test)
        let originals = try frames(path, all, all.all).map(\.digest)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let part = folder.file("cut.ts")
        for packets in stride(from: data.count / 188 / 2, to: data.count / 188, by: 11) {
            try data.prefix(packets * 188).write(to: URL(fileURLWithPath: part))
            let index = try FrameIndex.scan(part, context: .test)
            #expect(try frames(part, index, index.all).map(\.digest) == Array(originals.prefix(index.count)), "\(packets) packets")
        }
    }

    @Test("A live recording of Matroska that stops inside a picture counts that picture, though its demuxer gives nothing of it")
    func liveMatroska() throws {
        let path = try folder.clip("a.mkv", ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-f", "matroska", "-live", "1"])
        let all = try FrameIndex.scan(path, context: .test)
        #expect(all.count == 30)
        #expect(all.leftOut == 0)
        let originals = try frames(path, all, all.all).map(\.digest)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let part = folder.file("cut.mkv")
        for share in [50, 60, 70, 80, 90, 99] {
            try data.prefix(data.count * share / 100).write(to: URL(fileURLWithPath: part))
            let index = try FrameIndex.scan(part, context: .test)
            #expect(index.count > 8 && index.count < 30, "\(share) %")
            #expect(index.leftOut == 1, "\(share) %")
            #expect(try frames(part, index, index.all).map(\.digest) == Array(originals.prefix(index.count)), "\(share) %")
        }
    }

    @Test("A recording of DV that stops inside a frame does not give that frame")
    func digitalVideo() throws {
        let path = try folder.clip("a.dv", source: testSource(size: "720x576", frames: 10), ["-c:v", "dvvideo"])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.prefix(data.count * 75 / 100).write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 7)
        #expect(index.leftOut == 1)
        #expect(try frames(path, index, index.all).count == 7)
    }

    @Test("Damage in front of the end is not the end: its frame is named")
    func damageInTheMiddle() throws {
        let path = try folder.clip("a.ts", ["-c:v", "mpeg2video", "-bf", "0", "-g", "1", "-q:v", "2"])
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in stride(from: data.count * 2 / 3 / 188 * 188, to: data.count * 2 / 3 / 188 * 188 + 188 * 8, by: 188) {
            for byte in offset + 60..<offset + 188 { data[byte] ^= 0x5A }
        }
        try data.write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.leftOut == 0)
        let error = #expect(throws: MediaError.self) { try frames(path, index, index.all) }
        guard case .corruptFrame = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("An index of the first version of the stored form is read")
    func firstVersion() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        // Without the last two fields, which are one byte each for 0.
        var stored = Array(index.serialized().dropLast(6))
        stored[4] = 1
        var checksum = CRC32C()
        checksum.update(stored.span.bytes)
        for shift in [0, 8, 16, 24] { stored.append(UInt8(truncatingIfNeeded: checksum.value >> UInt32(shift))) }
        #expect(try FrameIndex(serialized: stored) == index)
    }
}
