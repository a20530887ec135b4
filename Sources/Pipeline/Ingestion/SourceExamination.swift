package import Media
import Primitives

/// What looking at the pictures of a file finds: how they are scanned, and how good they are.
package struct SourceExamination: Codable, Hashable, Sendable {
    package let scanning: FieldAnalysis
    /// Nil when no frame could be judged.
    package let quality: QualityAssessment?

    /// Frames between two that are judged.
    private static let judgedEvery = 12

    /// Looks at up to three minutes. Blocks: call it on a lane.
    ///
    /// - Parameter progress: share of the frames, 0…1.
    package static func run(
        _ path: String, index: FrameIndex, context: MediaContext, progress: (Double) -> Void
    ) throws -> SourceExamination {
        var scanning = FieldAnalysis()
        var meter = QualityMeter()
        let pieces = FieldAnalysis.pieces(of: index.all, frameRate: index.frameRate.meanRate)
        let total = pieces.reduce(0) { $0 + $1.count }
        var done = 0
        for piece in pieces {
            let reader = try FrameReader(path: path, index: index, range: piece, context: context)
            let detector = try FieldDetector(reader.layout, context: context)
            while let frame = try reader.next() {
                if (frame.index - piece.start) % judgedEvery == 0 { meter.add(frame) }
                try detector.add(frame)
                done += 1
                if done % 25 == 0 { progress(Double(done) / Double(total)) }
            }
            scanning.add(try detector.finish())
        }
        return SourceExamination(scanning: scanning, quality: meter.assessment)
    }
}
