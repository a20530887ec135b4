import Foundation
import Testing

/// Generated sources, made by the ffmpeg program: what the product is given is made by a foreign encoder.
enum Clip {
    /// A moving test picture with a tone, 25 frames a second.
    static func make(
        at path: String, size: String = "320x180", seconds: Double = 2,
        video: [String] = ["-c:v", "libx264", "-crf", "28", "-preset", "fast"],
        audio: [String] = ["-c:a", "aac"]
    ) throws {
        try Program.check(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=25:duration=\(seconds)", "-f", "lavfi", "-i",
                "sine=frequency=440:sample_rate=48000:duration=\(seconds)", "-pix_fmt", "yuv420p",
            ] + video + audio + ["-shortest", path])
    }

    /// A file with a video track in which there is nothing.
    static func makeWithoutFrames(at path: String) throws {
        try Program.check(
            "ffmpeg",
            ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x180:duration=1", "-c:v", "libx264", "-frames:v", "0", path])
    }

    /// A file without a video track.
    static func makeSound(at path: String) throws {
        try Program.check("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", path])
    }

    /// Overwrites the middle of a file's media data; its tables stay whole.
    static func damage(_ path: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        let media = try #require(bytes.range(of: Data("mdat".utf8))).upperBound
        let middle = media + (bytes.count - media) / 3
        for offset in middle..<(middle + 3000) { bytes[offset] = UInt8(truncatingIfNeeded: offset &* 37 &+ 11) }
        try bytes.write(to: URL(filePath: path))
    }

    /// The first video stream as ffprobe sees it, flattened `key=value`.
    static func facts(of path: String) throws -> [String: String] {
        let text = try Program.check(
            "ffprobe", ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-of", "default", path])
        return text.split(separator: "\n").reduce(into: [:]) { facts, line in
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2, facts[String(parts[0])] == nil { facts[String(parts[0])] = String(parts[1]) }
        }
    }

    /// Bytes of a file.
    static func size(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    static func sha256(of path: String) throws -> String {
        String(try Program.check("sha256sum", [path]).prefix(64))
    }
}
