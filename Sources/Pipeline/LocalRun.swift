import Filters
import Foundation
package import Media
import Primitives
import Synchronization
package import Telemetry

/// The same pipeline on a local file: no server, no database. Segments run one after the other.
package struct LocalRun: Sendable {
    /// What the caller is told while it runs.
    package enum Step: String, Sendable { case analyse, encode, assemble }

    private let engine: Engine
    private let devices: [JobReport.DeviceFacts]
    private let observer: Observer

    package init(engine: Engine, devices: [JobReport.DeviceFacts], observer: Observer) {
        self.engine = engine
        self.devices = devices
        self.observer = observer
    }

    /// Refuses an output that the finished file must not replace: the source itself, also under another name or through a link,
    /// and whatever is no regular file.
    package static func check(output: String, source: String) throws(LocalRunError) {
        guard let found = FileIdentity(output) else { return }
        guard found != FileIdentity(source) else { throw .isSource(path: output) }
        guard found.isRegular else { throw .notRegular(path: output) }
    }

    /// - Parameters:
    ///   - output: the finished file; written beside it first, in `OUTPUT.remaster-work`, and renamed, so that it is whole or absent.
    ///   - progress: step and frames done of that step.
    /// - Returns: the report and, for each stage of the device, its seconds.
    /// - Throws: `LocalRunError` before anything is done, `MediaError.unwritable` of output and work folder, and what the steps throw.
    package func run(
        _ plan: JobPlan, source: String, index: FrameIndex, output: String, progress: @escaping @Sendable (Step, Int) -> Void
    ) async throws -> (report: JobReport, stageSeconds: [String: Double]) {
        try Self.check(output: output, source: source)
        let workFolder = try WorkFolder(beside: output)
        defer { try? workFolder.remove() }  // a leftover is removed by the next run
        let folder = workFolder.path

        let analysed = Mutex(0)
        let analysis = try await AnalysisRunner(engine: engine, observer: observer).run(plan, source: source, index: index) {
            progress(
                .analyse,
                analysed.withLock {
                    $0 += 1; return $0
                })
        }
        let encoded = Mutex(0)
        var outcomes: [SegmentOutcome] = []
        var logs: [String] = []
        for (ordinal, range) in plan.segments.enumerated() {
            try Task.checkCancellation()
            let log = "\(folder)/segment-\(ordinal)"
            let outcome = try await SegmentRunner(engine: engine, observer: observer).run(
                plan, range: range, source: source, index: index, analysis: analysis, logPath: log
            ) {
                progress(
                    .encode,
                    encoded.withLock {
                        $0 += 1; return $0
                    })
            }
            outcomes.append(outcome)
            logs.append(log)
        }
        let rendition = "\(folder)/rendition"
        let assembled = try await AssemblyRunner(observer: observer).run(
            plan, source: source, index: index, segments: logs, outcomes: outcomes, shots: analysis.conditions?.shots.count,
            devices: devices,
            destination: rendition
        ) { fraction in
            progress(.assemble, Int((fraction * Double(plan.outputFrames.count)).rounded()))
        }
        try Task.checkCancellation()
        guard rename(rendition, output) == 0 else { throw MediaError.unwritable(path: output, errno: errno) }
        let seconds = outcomes.reduce(into: [String: Double]()) { $0.merge($1.stageSeconds, uniquingKeysWith: +) }
        return (assembled.report, seconds)
    }
}
