import Foundation
import Logging
import Media
import Telemetry
import Testing

/// A folder of its own for one test; gone with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/remaster-media-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Makes a clip with the ffmpeg program; the arguments stand before the output file.
    func clip(_ name: String, _ arguments: String...) throws -> String {
        let output = file(name)
        let (status, text) = try run("ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y"] + arguments + [output])
        try #require(status == 0, "ffmpeg: \(text)")
        return output
    }
}

/// Runs a program of the media suite and gives its exit status and everything it printed.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// What ffprobe says, one value a line.
func ffprobe(_ path: String, _ arguments: String...) throws -> String {
    let (status, output) = try run("ffprobe", ["-v", "error", "-of", "default=nw=1"] + arguments + [path])
    try #require(status == 0, "ffprobe: \(output)")
    return output.trimmingCharacters(in: .whitespacesAndNewlines)
}

extension MediaContext {
    /// Standard limits, no deadline, silent.
    static var test: MediaContext { MediaContext(observer: Observer(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })) }
}

/// Arguments of ffmpeg for a moving test picture.
func testSource(size: String = "160x96", rate: String = "25", frames: Int = 30) -> [String] {
    ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)", "-frames:v", "\(frames)"]
}

extension Folder {
    func clip(_ name: String, source: [String] = testSource(), _ arguments: [String]) throws -> String {
        let output = file(name)
        let (status, text) = try run("ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y"] + source + arguments + [output])
        try #require(status == 0, "ffmpeg: \(text)")
        return output
    }
}
