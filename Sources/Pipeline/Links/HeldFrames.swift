import Filters
import Media
import Picture

/// The latest frames of a link in a row, in as many bits as its output has, for filters that see several at a time.
struct HeldFrames {
    private final class Held {
        let frame: Frame

        init(_ frame: consuming Frame) { self.frame = frame }
    }

    private let deepener: FrameDeepener
    private let limit: Int
    private var held: [Held] = []

    /// - Parameter limit: frames kept at most.
    init(_ task: LinkTask, limit: Int) throws {
        deepener = try task.makeDeepener()
        self.limit = limit
    }

    var count: Int { held.count }

    /// Adds the next frame; the oldest goes where there are too many.
    mutating func append(_ frame: consuming Frame) throws {
        let number = frame.index
        var deep = try deepener.deepen(frame)
        deep.index = number
        held.append(Held(deep))
        if held.count > limit { held.removeFirst() }
    }

    /// Number of the frame in a place, the oldest's being 0.
    func number(_ place: Int) -> Int { held[place].frame.index }

    /// Lends a plane of the frame in a place.
    func read(_ place: Int, plane: Int, _ body: (PlaneView) throws -> Void) throws {
        try held[place].frame.withPlane(plane) { bytes, stride in
            try bytes.withUnsafeBytes { try body(PlaneView(bytes: $0, bytesPerRow: stride)) }
        }
    }
}
