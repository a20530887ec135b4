package import Primitives

/// Why media could not be read, made or joined.
package enum MediaError: Error, Hashable, Sendable {
    /// The file cannot be opened or read; `errno` of the system.
    case unreadable(path: String, errno: Int32)
    /// The file cannot be written; `errno` of the system.
    case unwritable(path: String, errno: Int32)
    /// The file has no bytes.
    case empty
    /// No known container begins like this.
    case notMedia
    /// The container is known, but its structure is broken.
    case damagedContainer(name: String)
    /// There are streams, but none of moving pictures.
    case noVideoStream
    /// There is a video stream, and not one picture can be decoded.
    case noFrames
    /// The file ends before what it announces; the expected number is known where the container tells it.
    case truncated(framesFound: Int, framesExpected: Int?)
    /// Understood, and not among what can be processed.
    case unsupported(Unsupported)
    /// A bound of `MediaLimits` was passed.
    case limitExceeded(MediaLimits.Kind, value: Int64, allowed: Int64)
    /// A frame, counted in presentation order from 0, cannot be decoded whole.
    case corruptFrame(Int)
    /// The decoder went past a frame without giving it.
    case missingFrame(Int)
    /// The file gives other packets than when it was indexed; the last frame that agreed, or −1.
    case indexMismatch(afterFrame: Int)
    /// A frame, counted from 0, contradicts what the first picture or the job says; its whole milliseconds count from the first
    /// frame.
    case pictureChanged(frame: Int, milliseconds: Int, PictureChange)
    /// The part that was asked for holds pictures of several kinds, which differ first in this; with all parts of the file that differ
    /// in it, in order.
    case picturesDiffer(PictureChange, [PicturePart])
    /// The range reaches past the last frame.
    case rangeOutsideFile(FrameRange, frameCount: Int)
    /// A stored object (packet log or frame index) is not what was written.
    case damagedObject(ObjectDamage)
    /// Segments of one job differ in what must be equal.
    case segmentsDisagree(StreamParameters.Difference, segment: Int)
    /// The segments hold another number of frames than the plan.
    case wrongFrameCount(expected: Int, actual: Int)
    /// A frame does not have the layout or the time order that its receiver needs.
    case wrongFrame(FrameProblem)
    /// The work was cancelled from outside.
    case cancelled
    /// The deadline passed.
    case timedOut
    case outOfMemory
    /// Any other failure of the library; `code` and `message` are its own.
    case failed(operation: String, code: Int32, message: String)

    /// What is understood and not handled.
    package enum Unsupported: Hashable, Sendable {
        case container(String)
        case codec(String)
        case pixelFormat(String)
        /// The picture is to be shown turned by anything but quarters, or slanted.
        case orientation(String)
        /// Dolby Vision whose base layer is no picture by itself.
        case dolbyVision(profile: Int)
        /// The stream has no usable time stamps.
        case timestamps(String)
        /// Encoder settings that exclude each other.
        case encoding(String)
    }

    /// Where a stored object is wrong.
    package enum ObjectDamage: String, Hashable, Sendable {
        case notThisKind, unknownVersion, cutShort, checksumMismatch, malformed
    }

    /// Why a frame is refused.
    package enum FrameProblem: String, Hashable, Sendable {
        case otherLayout, timeNotAscending
    }
}
