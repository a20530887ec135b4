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
        case .unsupported(let what): what.explanation
        case .limitExceeded(.milliseconds, let value, let allowed):
            "The file lasts \(value) ms by its times; at most \(allowed) ms (\(allowed / 3_600_000) hours) is allowed."
        case .limitExceeded(let kind, let value, let allowed): "\(kind) is \(value); at most \(allowed) is allowed."
        case .corruptFrame(let frame):
            "Frame \(frame) is damaged and cannot be decoded whole; frames are never made up, so process the parts before and behind it by "
                + "their positions."
        case .missingFrame(let frame):
            "Frame \(frame) is announced by the file, and its decoder does not give it; process the parts before and behind it by their "
                + "positions."
        case .indexMismatch(let frame): "The file is not the one that was examined: it differs after frame \(frame)."
        case .rangeOutsideFile(let range, let count): "Frames \(range) are not all in the file, which has \(count)."
        case .pictureChanged(let frame, let milliseconds, let change): change.explanation(frame, milliseconds)
        case .picturesDiffer(let change, let parts): change.explanation(parts)
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

extension MediaError.Unsupported {
    /// What was found, and what is taken instead.
    package var explanation: String {
        switch self {
        case .container(let name):
            "The container \(name) is not supported; allowed are files that hold their own pictures: "
                + "\(MediaLibrary.containers.joined(separator: ", "))."
        case .codec(let name): "The video codec \(name) cannot be decoded; allowed is any codec that FFmpeg decodes."
        case .pixelFormat(let name):
            "The pixel format \(name) is not supported; allowed are Y′CbCr, gray and RGB samples of integers of up to 16 bits, and palettes."
        case .orientation(let angle):
            "The picture is to be shown turned by \(angle); allowed are quarter turns, and left exchanged for right."
        case .dolbyVision(let profile):
            "The picture is Dolby Vision of profile \(profile), which is none without its metadata; allowed are profiles with a base layer "
                + "of their own: HDR10, HLG or SDR."
        case .timestamps(let problem):
            "The time stamps cannot be used: \(problem); allowed is time that ascends from frame to frame, within 136 years of 0."
        case .encoding(let problem): "The encoder does not take \(problem)."
        }
    }
}

extension PictureChange {
    /// Where a picture is other than those before it, what is allowed, and what can be done.
    func explanation(_ frame: Int, _ milliseconds: Int) -> String {
        let start =
            "\(name) changes at frame \(frame) (\(milliseconds) ms behind the first) from \(expected) to \(found); a job allows one only: "
        return start + "end it there by its position, and cut the rest into a file of its own" + alternative
    }

    /// Which part of the file has what, so that each can be processed by its positions.
    func explanation(_ parts: [PicturePart]) -> String {
        let most = 32
        var list = parts.prefix(most).map { "\($0.startMilliseconds) to \($0.endMilliseconds) ms: \($0.value)" }.joined(separator: "; ")
        if parts.count > most { list += "; and \(parts.count - most) more" }
        return "\(name) changes on the way from \(expected) to \(found); a job allows one only. The file has \(list). Process each part by "
            + "its positions (startPosMs and endPosMs; --start-ms and --end-ms)" + alternative
    }

    /// What else can be done.
    private var alternative: String {
        if field.isColor { return ", or state the color of all of it with inputColorSpaceConversion and the mode STRICT_USER." }
        if field == .fieldOrder { return ", or state one order with a deinterlacer and interlacedFieldOrderMode." }
        return "."
    }

    private var name: String {
        switch field {
        case .size: "The picture's size"
        case .pixelFormat: "The pixel format"
        case .sampleAspectRatio: "The shape of the samples (sample aspect ratio)"
        case .primaries: "The picture's color (primaries)"
        case .transfer: "The picture's color (transfer characteristics)"
        case .matrix: "The picture's color (matrix coefficients)"
        case .range: "The range of the numbers"
        case .fieldOrder: "The order of the fields"
        }
    }
}
