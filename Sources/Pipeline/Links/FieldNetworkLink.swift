import Filters
import Media
import Picture
import Primitives

/// Runs DEINT: two frames of each, from the fields of a frame and its two neighbours.
///
/// Beyond the first and the last frame of the file the nearest field of the same parity stands in.
final class FieldNetworkLink: FrameLink {
    private let task: LinkTask
    private let deepener: FrameDeepener
    private let interpolator: FieldInterpolator
    private let pool: FramePool
    /// At most three frames in a row.
    private var window: [Held] = []

    private final class Held {
        let frame: Frame

        init(_ frame: consuming Frame) { self.frame = frame }
    }

    init(_ task: LinkTask, interpolator: FieldInterpolator) throws {
        self.task = task
        self.interpolator = interpolator
        deepener = try FrameDeepener(
            task.link.input, bitDepth: task.link.output.format.bitDepth, range: task.plan.source.color.tags.range)
        pool = try FramePool(layout: task.link.output)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let number = frame.index
        var deep = try deepener.deepen(frame)
        deep.index = number
        window.append(Held(deep))
        if window.count > 3 { window.removeFirst() }
        if window.count == 2 { try give(0, emit) }
        if window.count == 3 { try give(1, emit) }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        if !window.isEmpty { try give(window.count - 1, emit) }
    }

    /// Gives both pictures of a frame of the window.
    private func give(_ place: Int, _ emit: (consuming Frame) throws -> Void) throws {
        for half in 0..<2 {
            let instant = 2 * window[place].frame.index + half
            guard task.wanted.contains(instant) else { continue }
            try emit(try picture(instant, place: place, half: half))
        }
    }

    private func picture(_ instant: Int, place: Int, half: Int) throws -> Frame {
        var result = try pool.frame()
        for plane in 0..<task.link.output.format.colorPlaneCount {
            try result.withWritablePlane(plane) { target, stride in
                try target.withUnsafeMutableBytes { target in
                    try interpolator.interpolate(plane: plane, instant: instant, into: target, bytesPerRow: stride) { offset, read in
                        let held = window[holder(of: 2 * place + half + offset)]
                        held.frame.withPlane(plane) { bytes, stride in
                            bytes.withUnsafeBytes { read(PlaneView(bytes: $0, bytesPerRow: stride)) }
                        }
                    }
                }
            }
        }
        result.index = instant
        return result
    }

    /// Which frame of the window holds a field, counted from the window's first.
    private func holder(of field: Int) -> Int {
        var field = field
        while field < 0 { field += 2 }
        while field >= 2 * window.count { field -= 2 }
        return field / 2
    }
}
