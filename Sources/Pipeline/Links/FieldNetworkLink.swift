import Filters
import Media
import Picture
import Primitives

/// Runs DEINT: two frames of each, from the fields of a frame and its two neighbours.
///
/// Beyond the first and the last frame that may be looked at the nearest field of the same parity stands in.
final class FieldNetworkLink: FrameLink {
    private let task: LinkTask
    private let interpolator: FieldInterpolator
    private let pool: FramePool
    private var window: HeldFrames

    init(_ task: LinkTask, interpolator: FieldInterpolator) throws {
        self.task = task
        self.interpolator = interpolator
        window = try HeldFrames(task, limit: 3)
        pool = try FramePool(layout: task.link.output)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        try window.append(frame)
        if window.count == 2 { try give(0, emit) }
        if window.count == 3 { try give(1, emit) }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        if window.count > 0 { try give(window.count - 1, emit) }
    }

    /// Gives both pictures of a frame of the window.
    private func give(_ place: Int, _ emit: (consuming Frame) throws -> Void) throws {
        for half in 0..<2 {
            let instant = 2 * window.number(place) + half
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
                        try window.read(holder(of: 2 * place + half + offset), plane: plane, read)
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
