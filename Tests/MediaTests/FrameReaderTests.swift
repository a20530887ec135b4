import Foundation
import Media
import Picture
import Primitives
import Testing

/// Checksum-like digest of all planes of a frame, by rows without padding.
func digest(_ frame: borrowing Frame) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for plane in 0..<frame.layout.format.planeCount {
        var bytes = [UInt8](repeating: 0, count: frame.layout.byteCount(plane))
        bytes.withUnsafeMutableBytes { frame.copyPlane(plane, into: $0, bytesPerRow: frame.layout.rowBytes(plane)) }
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    return hash
}

/// Number, time and digest of each frame of a range.
struct Seen: Hashable {
    var index: Int
    var time: Int64
    var digest: UInt64
}

func frames(_ path: String, _ index: FrameIndex, _ range: FrameRange, threads: Int = 1) throws -> [Seen] {
    let reader = try FrameReader(path: path, index: index, range: range, threads: threads, context: .test)
    var seen: [Seen] = []
    while let frame = try reader.next() { seen.append(Seen(index: frame.index, time: frame.presentationTime, digest: digest(frame))) }
    return seen
}

@Suite struct FrameReaderTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    static let clips: [(name: String, arguments: [String])] = [
        ("h264-bframes.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12"]),
        ("h264-opengop.mkv", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "10", "-x264-params", "open-gop=1"]),
        ("h264.ts", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "10"]),
        ("h264-refresh.ts", ["-c:v", "libx264", "-preset", "veryfast", "-g", "10", "-x264-params", "intra-refresh=1"]),
        ("h264.avi", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "10"]),
        ("hevc-opengop.mp4", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:open-gop=1:keyint=8:bframes=3"]),
        ("mpeg2.ts", ["-c:v", "mpeg2video", "-bf", "2", "-g", "9"]),
        ("mpeg2.mpg", ["-c:v", "mpeg2video", "-bf", "2", "-g", "9"]),
        ("mpeg4.avi", ["-c:v", "mpeg4", "-bf", "2", "-g", "10"]),
        ("prores.mov", ["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"]),
        ("vp8.webm", ["-c:v", "libvpx", "-g", "10", "-deadline", "realtime", "-auto-alt-ref", "1", "-lag-in-frames", "5"]),
        ("vp9.mkv", ["-c:v", "libvpx-vp9", "-g", "10", "-deadline", "realtime", "-cpu-used", "8"]),
        ("ffv1.mkv", ["-c:v", "ffv1", "-pix_fmt", "gbrp10le"]),
        ("mjpeg.avi", ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"]),
        ("mpeg2.mxf", ["-c:v", "mpeg2video", "-bf", "2", "-g", "9"]),
    ]

    @Test("Any range gives the frames of the whole, at any cut", arguments: clips)
    func splitEqualsWhole(clip: (name: String, arguments: [String])) throws {
        let path = try folder.clip(clip.name, clip.arguments)
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 30)
        #expect(index.frameRate == .constant(Rational(25, 1)))
        let whole = try frames(path, index, index.all)
        #expect(whole.count == 30)
        #expect(whole.map(\.time) == index.times)
        #expect(Set(whole.map(\.digest)).count == 30)
        for cut in 1..<index.count {
            #expect(
                try frames(path, index, FrameRange(cut, min(cut + 2, index.count))) == Array(whole[cut..<min(cut + 2, index.count)]),
                "cut at \(cut)")
        }
        #expect(try frames(path, index, FrameRange(7, 23), threads: 4) == Array(whole[7..<23]))
    }

    @Test("Decoding every frame gives the same index as reading time stamps")
    func methodsAgree() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "12"])
        let quick = try FrameIndex.scan(path, context: .test)
        let sure = try FrameIndex.scan(path, method: .decoding, context: .test)
        #expect(quick.method == .timestamps)
        #expect(sure.method == .decoding)
        #expect(quick.times == sure.times)
        #expect(try frames(path, quick, quick.all) == frames(path, sure, sure.all))
    }

    @Test(
        "Layouts that are not planar are taken apart without loss",
        arguments: ["nv12", "yuyv422", "uyvy422", "rgb24", "bgra", "rgb48be", "gray16be", "nv21", "yuv420p10be"])
    func unpacks(name: String) throws {
        let path = try folder.clip("raw.nut", source: testSource(size: "34x18", frames: 2), ["-c:v", "rawvideo", "-pix_fmt", name])
        let index = try FrameIndex.scan(path, context: .test)
        let reader = try FrameReader(path: path, index: index, range: index.all, context: .test)
        let format = reader.layout.format
        let planar = folder.file("planar.raw")
        let (status, text) = try run("ffmpeg", ["-v", "error", "-y", "-i", path, "-pix_fmt", format.name, "-f", "rawvideo", planar])
        try #require(status == 0, "\(text)")
        var bytes: [UInt8] = []
        while let frame = try reader.next() {
            for plane in 0..<format.planeCount {
                var part = [UInt8](repeating: 0, count: frame.layout.byteCount(plane))
                part.withUnsafeMutableBytes { frame.copyPlane(plane, into: $0, bytesPerRow: frame.layout.rowBytes(plane)) }
                bytes += part
            }
        }
        #expect(bytes == Array(try Data(contentsOf: URL(fileURLWithPath: planar))))
    }

    @Test("Frames with odd sizes have the rounded-up chroma planes")
    func oddSizes() throws {
        let path = try folder.clip(
            "odd.mkv", source: testSource(frames: 3), ["-vf", "scale=161:97", "-c:v", "ffv1", "-pix_fmt", "yuv420p"])
        let index = try FrameIndex.scan(path, context: .test)
        let reader = try FrameReader(path: path, index: index, range: index.all, context: .test)
        var count = 0
        while let frame = try reader.next() {
            count += 1
            #expect(frame.layout.planeSize(1) == PictureSize(width: 81, height: 49))
            frame.withPlane(1) { span, bytesPerRow in #expect(span.byteCount == bytesPerRow * 48 + 81) }
        }
        #expect(count == 3)
    }

    @Test("A frame that cannot be decoded is named")
    func corruptFrame() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "1", "-bf", "0"])
        let listing = try ffprobe(path, "-select_streams", "v", "-show_entries", "packet=pos,size")
        let positions = listing.split(separator: "\n").filter { $0.hasPrefix("pos=") }.compactMap { Int($0.dropFirst(4)) }
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in (positions[11] + 8)..<(positions[11] + 600) { data[offset] = 0xA5 }
        try data.write(to: URL(fileURLWithPath: path))
        let index = try FrameIndex.scan(path, context: .test)
        #expect(index.count == 30)
        #expect(try frames(path, index, FrameRange(0, 11)).count == 11)
        #expect(throws: MediaError.corruptFrame(11)) { try frames(path, index, FrameRange(5, 20)) }
        #expect(try frames(path, index, FrameRange(12, 30)).count == 18)
    }

    @Test("A range outside the file is refused")
    func outside() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(throws: MediaError.rangeOutsideFile(FrameRange(10, 31), frameCount: 30)) { try frames(path, index, FrameRange(10, 31)) }
        #expect(throws: MediaError.rangeOutsideFile(FrameRange(10, 10), frameCount: 30)) { try frames(path, index, FrameRange(10, 10)) }
    }

    @Test("Another file than the indexed one is noticed")
    func otherFile() throws {
        let path = try folder.clip("a.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-g", "5"])
        let other = try folder.clip("b.mp4", source: testSource(frames: 40), ["-c:v", "libx264", "-preset", "ultrafast", "-g", "7"])
        let index = try FrameIndex.scan(path, context: .test)
        #expect(throws: MediaError.self) { try frames(other, index, FrameRange(10, 20)) }
    }
}
