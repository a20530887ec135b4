import ArgumentParser
import Logging
import Domain
import Foundation
import Media
import Pipeline
import Primitives
import Synchronization
import Telemetry

/// The pipeline on a local file.
struct Process: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process", abstract: "Processes a local file: the same pipeline, no server, no database.")

    @Argument(help: "The video to process.") var input: String
    @Argument(help: "The file to write; MOV, MP4, MXF or MPEG-TS by the configuration.") var output: String
    @OptionGroup var recipe: RecipeFlags
    @Option(help: ArgumentHelp("Write the job's report as JSON.", valueName: "file")) var report: String?
    @Flag(help: "Print the device's seconds of each stage.") var stages = false

    func run() async throws {
        let (input, output) = (self.input, self.output)
        do { try LocalRun.check(output: output, source: input) } catch { throw ValidationError("\(error)") }
        if let path = self.report { try ReportPlace.check(path, input: input, output: output) }
        let terminal = Terminal()
        let observer = Logs.observer(level: .warning)
        let prepared = try await recipe.prepare(input, observer: observer)
        let plan = prepared.plan
        let opened = try OpenedDevice(
            selection: recipe.deviceSelection, cacheDirectory: Caches.pipelines, logger: observer.logger)
        terminal.line("\(opened.facts.name): \(plan.outputFrames.count) frames in \(plan.segments.count) segments")
        let progress = Mutex<[LocalRun.Step: (estimate: ProgressEstimate, started: ContinuousClock.Instant)]>([:])
        let total = plan.outputFrames.count
        let show: @Sendable (LocalRun.Step, Int) -> Void = { step, done in
            let (fraction, remaining) = progress.withLock { progress in
                var entry = progress[step] ?? (ProgressEstimate(total: total), ContinuousClock.now)
                entry.estimate.add(frames: done - entry.estimate.done)
                progress[step] = entry
                return (entry.estimate.fraction, entry.estimate.remaining(after: ContinuousClock.now - entry.started))
            }
            terminal.progress(step.rawValue, fraction: fraction, note: "\(done)/\(total) frames", remaining: remaining)
        }
        let local = LocalRun(engine: opened.engine, devices: [opened.facts], observer: observer)
        let index = prepared.source.index
        let (report, seconds): (JobReport, [String: Double])
        do {
            let finished = try await Interruptible.run {
                try await local.run(plan, source: input, index: index, output: output, progress: show)
            }
            (report, seconds) = (finished.report, finished.stageSeconds)
        } catch let error as LocalRunError {
            throw ValidationError("\(error)")
        } catch MediaError.unwritable(_, let code), PipelineError.media(.unwritable(_, let code)) {
            // Nothing but the output and its work folder beside it is written.
            terminal.line("\(output): \(String(cString: strerror(code)))")
            throw ExitCode(1)
        } catch let error as MediaError {
            throw ValidationError("\(input): \(error.explanation)")
        } catch PipelineError.deviceTooSmall(let need) {
            throw ValidationError("\(input): \(need.explanation)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        if let path = self.report { try encoder.encode(report).write(to: URL(filePath: path)) }
        if let measured = report.lightLevels.measured {
            terminal.line("measured MaxCLL \(measured.maxCLL), MaxFALL \(measured.maxFALL) cd/m²")
        }
        for warning in report.warnings { terminal.line("warning: \(warning)") }
        if stages {
            for (name, value) in seconds.sorted(by: { $0.value > $1.value }) { print("\(name) \(value)") }
        }
        let wall = Double(terminal.elapsed.components.seconds) + Double(terminal.elapsed.components.attoseconds) * 1e-18
        terminal.line("\(output): \(total) frames, \((Double(total) / wall * 100).rounded() / 100) frames/s, SHA-256 \(report.sha256)")
    }
}
