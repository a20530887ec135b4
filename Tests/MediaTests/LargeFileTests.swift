import ColorScience
import Foundation
import Media
import Picture
import Primitives
import Testing

/// Files of more than 4 GiB, which need offsets of 64 bits. They take 9 GB of disk and minutes, so that they run where
/// `REMASTER_LARGE_FILES` is set alone.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["REMASTER_LARGE_FILES"] != nil)) struct LargeFileTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("Every frame and every sample stands where the index of a file of more than 4 GiB says", arguments: RenditionContainer.allCases)
    func beyondFourGibibytes(container: RenditionContainer) throws {
        let count = 72
        let source = try folder.clip(
            "source.mov",
            source: [
                "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-frames:v", "\(count)",
                "-t",
                "2.88",
            ], ["-c:v", "ffv1", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"])
        let index = try FrameIndex.scan(source, context: .test)
        let small = try encode(source, index, index.all, into: folder, name: "small") {
            .quick($0, index, tags: .broadcast, hdr: .none, settings: .h264(H264Settings(preset: .ultrafast, reorderedFrames: 0)))
        }
        // 60 MiB of filler data (ISO/IEC 14496-10 7.3.2.7) behind every picture.
        let log = folder.file("large")
        try Padding.copy(small[0], to: log, filler: 60 << 20)
        let (path, report) = try assemble([log], source: source, index, index.all, container: container, into: folder)
        try FileManager.default.removeItem(atPath: log)
        #expect(report.byteCount > 4 << 30)
        let facts = try DeliveryCheck.facts(of: path, context: .test)
        #expect(facts.problems == [])
        #expect(facts.picture.frameCount == count)
        if container == .mov || container == .mp4 { #expect(facts.boxes.prefix(2) == ["ftyp", "moov"]) }
        let (plain, _) = try assemble(small, source: source, index, index.all, container: container, into: folder, name: "plain")
        let (first, second) = (try FrameIndex.scan(path, context: .test), try FrameIndex.scan(plain, context: .test))
        #expect(first.times == second.times)
        #expect(try frames(path, first, first.all).map(\.digest) == frames(plain, second, second.all).map(\.digest))
        // From the end alone, by a seek.
        let end = FrameRange(count - 3, count)
        #expect(try frames(path, first, end).map(\.digest) == frames(plain, second, end).map(\.digest))
        func sound(_ path: String) throws -> String {
            try run("ffmpeg", ["-v", "error", "-i", path, "-map", "0:a", "-f", "md5", "-"]).output
        }
        #expect(try sound(path) == sound(plain))
    }
}

extension ColorTags {
    fileprivate static let broadcast = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
}

/// Packet logs whose pictures are made large.
private enum Padding {
    /// Copies a log of H.264 and puts filler data behind each picture.
    static func copy(_ source: String, to target: String, filler: Int) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: source))
        var unit = Data([0, 0, 0, 1, 0x0C]) + Data(repeating: 0xFF, count: filler)
        unit.append(0x80)
        try Data().write(to: URL(fileURLWithPath: target))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
        var checksum = CRC32C()
        func write(_ bytes: Data) throws {
            checksum.update([UInt8](bytes).span.bytes)
            try file.write(contentsOf: bytes)
        }
        let header = Layout.header(of: data)
        try write(data.prefix(header))
        var position = header
        while data[position] != Layout.trailerMark {
            let size = Layout.size(of: data, at: position)
            var head = data[position..<position + Layout.packetHeader]
            let length = UInt32(size + unit.count).littleEndian
            withUnsafeBytes(of: length) { head.replaceSubrange(head.endIndex - 4..<head.endIndex, with: $0) }
            try write(head)
            try write(data[position + Layout.packetHeader..<position + Layout.packetHeader + size])
            try write(unit)
            position += Layout.packetHeader + size
        }
        try write(data[position..<position + 9])
        let sum = checksum.value.littleEndian
        try withUnsafeBytes(of: sum) { try file.write(contentsOf: Data($0)) }
        try file.close()
    }

    /// The form of a log: magic, version, a length and that many bytes of JSON; packets; a mark and their number; a sum.
    private enum Layout {
        static let packetHeader = 2 + 8 + 8 + 8 + 4
        static let trailerMark: UInt8 = 0

        static func header(of data: Data) -> Int { 9 + number(data, at: 5) }
        static func size(of data: Data, at position: Int) -> Int { number(data, at: position + packetHeader - 4) }
        private static func number(_ data: Data, at place: Int) -> Int {
            data[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
