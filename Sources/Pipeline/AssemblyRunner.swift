import ColorScience
import Crypto
import Foundation
import Lanes
package import Media
import Primitives
package import Telemetry

/// The finished file and what is to be said of it.
package struct AssembledRendition: Sendable {
    package let report: JobReport
    package let byteCount: Int64
    package let crc32c: UInt32
}

/// Joins the segments of a job, adds the source's other tracks, and checks the file as a stranger would.
package struct AssemblyRunner: Sendable {
    private let observer: Observer

    package init(observer: Observer) { self.observer = observer }

    /// - Parameters:
    ///   - segments: packet logs in the order of the plan's segments.
    ///   - destination: a temporary path; the caller publishes it.
    ///   - outcomes: of the same segments, for the light levels.
    ///   - isForBrowsers: sound that browsers do not play is coded as AAC.
    package func run(
        _ plan: JobPlan, source: String, index: FrameIndex, segments: [String], outcomes: [SegmentOutcome], shots: Int?,
        devices: [JobReport.DeviceFacts], destination: String, isForBrowsers: Bool = false,
        progress: @escaping @Sendable (Double) -> Void
    ) async throws -> AssembledRendition {
        let interrupt = MediaInterrupt()
        let context = MediaContext(interrupt: interrupt, observer: observer)
        let lane = SerialLane(label: "remaster.assemble")
        return try await withTaskCancellationHandler {
            try await lane.run {
                var request = AssemblyRequest(
                    segments: segments, source: source, index: index, range: plan.frames, container: plan.container,
                    destination: destination, expectedFrames: plan.codedFrames(in: plan.outputFrames))
                request.isForBrowsers = isForBrowsers
                let assembly = try SegmentAssembler.assemble(request, context: context, progress: progress)
                let delivery = try DeliveryCheck.facts(
                    of: destination, wanted: plan.encoder, decisions: assembly.decisions, context: context)
                let digest = try FileDigest.compute(of: destination)
                let light = outcomes.reduce(into: LightLevelMeter?.none) { total, outcome in
                    guard let next = outcome.light else { return }
                    total = total?.merged(with: next) ?? next
                }
                let notes = outcomes.reduce(into: plan.source.notes ?? SourceNotes()) { notes, outcome in
                    if let more = outcome.notes { notes.add(more) }
                }
                let report = JobReport(
                    plan: plan, devices: devices, light: light, shots: shots, notes: notes, assembly: assembly, delivery: delivery,
                    sha256: digest.sha256)
                return AssembledRendition(report: report, byteCount: digest.byteCount, crc32c: digest.crc32c)
            }
        } onCancel: {
            interrupt.cancel()
        }
    }
}
