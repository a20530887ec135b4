import Foundation
import JobQueue
import Media
import Pipeline
import Store

/// How an error of the media libraries ends a unit: what lies in the file itself will not change with another attempt.
struct MediaFailure {
    let outcome: UnitOutcome

    init(_ error: MediaError) {
        switch error {
        case .cancelled: outcome = .cancelled
        case .timedOut, .outOfMemory, .failed, .unreadable, .unwritable:
            outcome = .retry(after: nil, reason: Self.failure(code: "MEDIA_LIBRARY_ERROR", error))
        case .empty, .notMedia, .noVideoStream, .noFrames, .damagedContainer:
            outcome = .dead(Self.failure(code: "NOT_A_VIDEO", error))
        case .truncated, .corruptFrame, .missingFrame, .indexMismatch, .pictureChanged, .picturesDiffer:
            outcome = .dead(Self.failure(code: "DAMAGED_SOURCE", error))
        case .unsupported:
            outcome = .dead(Self.failure(code: "UNSUPPORTED_SOURCE", error))
        case .limitExceeded:
            outcome = .dead(Self.failure(code: "SOURCE_EXCEEDS_LIMITS", error))
        case .rangeOutsideFile, .damagedObject, .segmentsDisagree, .wrongFrameCount, .wrongFrame:
            outcome = .retry(after: nil, reason: Self.failure(code: "SEGMENT_DAMAGED", error))
        }
    }

    /// - Parameter error: of a pipeline run; nil result when it is not of the media libraries.
    static func outcome(of error: any Error) -> UnitOutcome? {
        if let error = error as? MediaError { return MediaFailure(error).outcome }
        if case .media(let inner)? = error as? PipelineError { return MediaFailure(inner).outcome }
        return nil
    }

    private static func failure(code: String, _ error: MediaError) -> UnitFailure {
        UnitFailure(code: code, message: error.explanation, details: nil)
    }
}
