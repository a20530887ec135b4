import Foundation

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

    /// The first video stream as ffprobe sees it, flattened `key=value`.
    static func facts(of path: String) throws -> [String: String] {
        let text = try Program.check(
            "ffprobe", ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_streams", "-of", "default", path])
        return text.split(separator: "\n").reduce(into: [:]) { facts, line in
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2, facts[String(parts[0])] == nil { facts[String(parts[0])] = String(parts[1]) }
        }
    }

    static func sha256(of path: String) throws -> String {
        String(try Program.check("sha256sum", [path]).prefix(64))
    }
}
