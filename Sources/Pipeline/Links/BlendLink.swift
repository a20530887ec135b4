import ColorScience
import Media
import Picture
import Primitives

/// Changes the rate by mixing the two frames around each moment by their distance in time; across a cut the nearer one
/// is taken as it is.
final class BlendLink: FrameLink {
    /// Mean difference of luma, in percent of the largest code, from which on two frames count as parted by a cut: the
    /// bound that FFmpeg's `framerate` uses.
    private static let cutScore = 8.2

    private let task: LinkTask
    private let deepener: FrameDeepener
    private let pool: FramePool
    private var next: Int
    private var earlier: Held?
    private var later: Held?

    /// A frame, and how much its luma differs from the one before.
    private final class Held {
        let frame: Frame
        let difference: Double
        let change: Double

        init(_ frame: consuming Frame, difference: Double, change: Double) {
            self.frame = frame
            self.difference = difference
            self.change = change
        }
    }

    init(_ task: LinkTask) throws {
        self.task = task
        next = task.wanted.start
        deepener = try task.makeDeepener()
        pool = try FramePool(layout: task.link.output)
    }

    func push(_ frame: consuming Frame, emit: (consuming Frame) throws -> Void) throws {
        let deep = try deepener.deepen(frame)
        let difference = later.map { Self.difference($0.frame, deep) } ?? 0
        let change = later.map { abs(difference - $0.difference) } ?? 0
        earlier = later
        later = Held(deep, difference: difference, change: earlier == nil ? 0 : change)
        guard let earlier, let later else { return }
        while next < task.wanted.end, task.link.shown(at: next, task.index, within: task.surroundings) < later.frame.index {
            try emit(try mixed(earlier, later))
            next += 1
        }
    }

    func finish(emit: (consuming Frame) throws -> Void) throws {
        while next < task.wanted.end, let later {
            var copy = try later.frame.duplicate()
            copy.index = next
            try emit(copy)
            next += 1
        }
    }

    /// The frame of number `next`, which lies between the two.
    private func mixed(_ earlier: Held, _ later: Held) throws -> Frame {
        let share = task.link.share(of: later.frame.index, after: earlier.frame.index, for: next, task.index)
        let isCut = min(later.difference, later.change) > Self.cutScore
        var frame =
            share == 0 || (isCut && !ProcessingLink.showsLater(share: share))
            ? try earlier.frame.duplicate()
            : share == 256 || isCut ? try later.frame.duplicate() : try blend(earlier.frame, later.frame, share)
        frame.index = next
        return frame
    }

    /// - Parameter share: of the later frame, in 256ths.
    private func blend(_ earlier: borrowing Frame, _ later: borrowing Frame, _ share: UInt32) throws -> Frame {
        var result = try pool.frame()
        let layout = task.link.output
        let isWide = layout.format.bytesPerSample == 2
        for plane in 0..<layout.format.planeCount {
            let size = layout.planeSize(plane)
            earlier.withPlane(plane) { first, firstStride in
                later.withPlane(plane) { second, secondStride in
                    result.withWritablePlane(plane) { target, targetStride in
                        first.withUnsafeBytes { first in
                            second.withUnsafeBytes { second in
                                target.withUnsafeMutableBytes { target in
                                    guard let a = first.baseAddress, let b = second.baseAddress, let out = target.baseAddress else {
                                        return
                                    }
                                    for row in 0..<size.height {
                                        let (left, right, line) = (a + row * firstStride, b + row * secondStride, out + row * targetStride)
                                        if isWide {
                                            Self.mix(
                                                left.assumingMemoryBound(to: UInt16.self), right.assumingMemoryBound(to: UInt16.self),
                                                share,
                                                line.assumingMemoryBound(to: UInt16.self), size.width)
                                        } else {
                                            Self.mix(
                                                left.assumingMemoryBound(to: UInt8.self), right.assumingMemoryBound(to: UInt8.self), share,
                                                line.assumingMemoryBound(to: UInt8.self), size.width)
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    private static func mix<Sample: FixedWidthInteger & UnsignedInteger>(
        _ first: UnsafePointer<Sample>, _ second: UnsafePointer<Sample>, _ share: UInt32, _ target: UnsafeMutablePointer<Sample>,
        _ count: Int
    ) {
        for x in 0..<count {
            target[x] = Sample(truncatingIfNeeded: (UInt32(first[x]) * (256 - share) + UInt32(second[x]) * share + 128) >> 8)
        }
    }

    /// Mean difference of the first plane, in percent of the largest code.
    private static func difference(_ first: borrowing Frame, _ second: borrowing Frame) -> Double {
        let size = first.layout.planeSize(0)
        let isWide = first.layout.format.bytesPerSample == 2
        var sum: UInt64 = 0
        first.withPlane(0) { left, leftStride in
            second.withPlane(0) { right, rightStride in
                left.withUnsafeBytes { left in
                    right.withUnsafeBytes { right in
                        for row in 0..<size.height {
                            var line: UInt64 = 0
                            for x in 0..<size.width {
                                if isWide {
                                    let a = left.load(fromByteOffset: row * leftStride + 2 * x, as: UInt16.self)
                                    let b = right.load(fromByteOffset: row * rightStride + 2 * x, as: UInt16.self)
                                    line += UInt64(a > b ? a - b : b - a)
                                } else {
                                    let (a, b) = (left[row * leftStride + x], right[row * rightStride + x])
                                    line += UInt64(a > b ? a - b : b - a)
                                }
                            }
                            sum += line
                        }
                    }
                }
            }
        }
        let largest = Double((1 << first.layout.format.bitDepth) - 1)
        return Double(sum) / Double(max(size.width * size.height, 1)) / largest * 100
    }
}
