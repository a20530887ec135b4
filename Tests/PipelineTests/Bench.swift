import Domain
import Filters
import Foundation
import GPU
import Logging
import Media
import Picture
import Pipeline
import Primitives
import Telemetry
import Testing

/// A folder, a device and the planner: everything to run a job on a small clip.
final class Bench: Sendable {
    /// Opened once: pipelines are expensive.
    private static let engine = Result { Engine(device: try Instance().openDevice()) }
    private static let models = Result { try FilterModels.bundled() }
    static let observer = Observer(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    let folder: String
    let engine: Engine

    init() throws {
        engine = try Self.engine.get()
        folder = NSTemporaryDirectory() + "/remaster-pipeline-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func file(_ name: String) -> String { folder + "/" + name }

    /// Makes a clip with the ffmpeg program; the arguments stand before the output file.
    func clip(_ name: String, _ arguments: [String]) throws -> String {
        let output = file(name)
        let (status, text) = try launch(
            "ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostdin", "-y"] + arguments + [output], errors: true)
        try #require(status == 0, "ffmpeg: \(String(decoding: text, as: UTF8.self))")
        return output
    }

    static func planner(_ size: ModelSize = .cpu) throws -> JobPlanner {
        var models = try models.get()
        models.size = size
        return JobPlanner(models: models)
    }

    /// A job's plan with what it reads.
    struct Prepared: Sendable {
        let plan: JobPlan
        let source: String
        let index: FrameIndex
    }

    /// Plans the treatment `options` (the contract's JSON) of a file.
    func prepare(
        _ source: String, _ options: String, start: Int? = nil, end: Int? = nil, size: ModelSize = .cpu
    ) throws -> Prepared {
        let facts = try IngestedSource.examine(source, context: MediaContext(observer: Self.observer)).beginning(atMilliseconds: start)
        let format = try #require(facts.format)
        let recipe = try ProcessingOptions(json: JSON(parsing: options))
            .validated(for: format, startMilliseconds: start, endMilliseconds: end)
        let plan = try Self.planner(size).plan(recipe, file: facts.description, index: facts.index)
        return Prepared(plan: plan, source: source, index: facts.index)
    }

    /// Runs a prepared job to its finished file.
    func run(_ job: Prepared, name: String = "rendition") async throws -> (path: String, report: JobReport) {
        let path = file("\(name).\(job.plan.container.fileExtension)")
        let local = LocalRun(engine: engine, devices: [], observer: Self.observer)
        let (report, _) = try await local.run(job.plan, source: job.source, index: job.index, output: path) { _, _ in }
        return (path, report)
    }

    func run(_ source: String, _ options: String, name: String = "rendition") async throws -> (path: String, report: JobReport) {
        try await run(prepare(source, options), name: name)
    }

    /// All samples of the first video stream, in one pixel format of 16-bit samples, as ffmpeg decodes them.
    ///
    /// - Parameter filter: a filter graph for oracles.
    func samples(_ path: String, format: String, filter: String? = nil) throws -> [UInt16] {
        let arguments =
            ["-hide_banner", "-loglevel", "error", "-nostdin", "-i", path] + (filter.map { ["-vf", $0] } ?? [])
            + ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", format, "-"]
        let (status, data) = try launch("ffmpeg", arguments)
        try #require(status == 0)
        return data.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
    }
}

/// Runs a program of the media suite and gives its exit status and what it printed; errors only where asked for.
func launch(_ program: String, _ arguments: [String], errors: Bool = false) throws -> (status: Int32, output: Data) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = errors ? pipe : FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, data)
}

/// What ffprobe says of the picture: `key=value` by key.
///
/// - Parameter arguments: further ones of ffprobe.
func probe(
    _ path: String, entries: String = "stream", stream: String = "v:0", arguments: [String] = []
) throws -> [String: String] {
    let (status, data) = try launch(
        "ffprobe", ["-v", "error", "-select_streams", stream, "-show_entries", entries, "-of", "default=nw=1"] + arguments + [path])
    try #require(status == 0)
    return String(decoding: data, as: UTF8.self).split(separator: "\n").reduce(into: [:]) { facts, line in
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        if parts.count == 2 { facts[parts[0]] = parts[1] }
    }
}

/// Peak signal-to-noise ratio of two equally long lists, in decibel; infinite for equal ones.
func psnr(_ left: [UInt16], _ right: [UInt16], peak: Double) -> Double {
    guard left.count == right.count, !left.isEmpty else { return -.infinity }
    let sum = zip(left, right).reduce(0.0) { total, pair in
        let difference = Double(pair.0) - Double(pair.1)
        return total + difference * difference
    }
    return sum == 0 ? .infinity : 10 * log10(peak * peak * Double(left.count) / sum)
}

/// Largest difference of two lists; nil where their lengths differ.
func largestDifference(_ left: [UInt16], _ right: [UInt16]) -> Int? {
    guard left.count == right.count else { return nil }
    return zip(left, right).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}
