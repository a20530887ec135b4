package import Media

extension MediaError {
    /// What was wrong, for the person whose file it is.
    package var explanation: String {
        switch self {
        case .unreadable(_, let code): "The file cannot be read (error \(code))."
        case .unwritable(_, let code): "The file cannot be written (error \(code))."
        case .empty: "The file is empty."
        case .notMedia: "The file is not a video: no known container."
        case .damagedContainer(let name): "The \(name) container is damaged."
        case .noVideoStream: "The file has no video stream."
        case .noFrames: "The video stream has no frames."
        case .truncated(let found, let expected):
            "The file ends early: \(found) frames found" + (expected.map { ", \($0) expected." } ?? ".")
        case .unsupported(let what): "Unsupported: \(what)."
        case .limitExceeded(let kind, let value, let allowed): "\(kind) is \(value); at most \(allowed) is allowed."
        case .corruptFrame(let frame): "Frame \(frame) cannot be decoded."
        case .missingFrame(let frame): "Frame \(frame) is missing."
        case .indexMismatch(let frame): "The file is not the one that was examined: it differs after frame \(frame)."
        case .rangeOutsideFile(let range, let count): "Frames \(range) are not all in the file, which has \(count)."
        case .formatChanged(let frame): "The picture's format changes at frame \(frame)."
        case .damagedObject(let damage): "A stored object is damaged: \(damage.rawValue)."
        case .segmentsDisagree(let difference, let segment): "Segment \(segment) does not fit the first: \(difference)."
        case .wrongFrameCount(let expected, let actual): "The segments hold \(actual) frames, \(expected) were planned."
        case .wrongFrame(let problem): "A frame does not fit its encoder: \(problem)."
        case .cancelled: "Cancelled."
        case .timedOut: "The file took too long to read."
        case .outOfMemory: "Out of memory."
        case .failed(let operation, let code, let message): "\(operation) failed: \(message) (\(code))."
        }
    }
}
