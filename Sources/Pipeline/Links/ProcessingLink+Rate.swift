import Media
import Primitives

/// Which frames a change of rate makes its own of.
extension ProcessingLink {
    /// Whether the frames that come out are placed by a rate of their own, and those that go in are not.
    var changesRate: Bool { inputGrid.rate == nil && grid.rate != nil }

    /// The input frame on the screen at the time of output frame `number`.
    ///
    /// - Parameter context: frames of the source that may be looked at.
    func shown(at number: Int, _ index: FrameIndex, within context: FrameRange) -> Int {
        inputGrid.lastFrame(notAfter: number, of: grid, index, within: context)
    }

    /// The input frame that output frame `number` repeats: the last one whose time, rounded to the output's grid, is not
    /// after it.
    func picked(for number: Int, _ index: FrameIndex, within context: FrameRange) -> Int {
        guard let rate = grid.rate else { return number }
        let bound = MediaTime(Int64(2 * number + 1), Rational(1, 2) * (rate.reciprocal ?? rate))
        let unit = inputGrid.timebase(index)
        return inputGrid.last(within: context) { compare(MediaTime(inputGrid.time(of: $0, index), unit), bound) < 0 }
    }

    /// How much of the later of two input frames output frame `number` gets by its time, in 256ths.
    func share(of later: Int, after earlier: Int, for number: Int, _ index: FrameIndex) -> UInt32 {
        let unit = inputGrid.timebase(index)
        let start = MediaTime(inputGrid.time(of: earlier, index), unit).seconds
        let end = MediaTime(inputGrid.time(of: later, index), unit).seconds
        let moment = MediaTime(grid.time(of: number, index), grid.timebase(index)).seconds
        let weight = min(max((moment - start) / max(end - start, .leastNonzeroMagnitude), 0), 1)
        return UInt32((weight * 256).rounded())
    }

    /// Whether mixing shows the later of two frames where a cut lies between them.
    static func showsLater(share: UInt32) -> Bool { share >= 128 }

    /// The input frame that output frame `number` shows; of two that it may be made of, the one that is shown where a cut lies
    /// between them.
    func chosen(for number: Int, _ index: FrameIndex, within context: FrameRange) -> Int {
        if case .repick = work { return picked(for: number, index, within: context) }
        let earlier = shown(at: number, index, within: context)
        guard earlier + 1 < inputGrid.bounds(context).end else { return earlier }
        let isLater =
            if case .interpolate = work {
                interpolatorShowsLater(earlier + 1, after: earlier, for: number, index)
            } else {
                Self.showsLater(share: share(of: earlier + 1, after: earlier, for: number, index))
            }
        return isLater ? earlier + 1 : earlier
    }

    /// The same of the library's interpolator, which counts in 1024ths and takes the earlier frame in the middle.
    private func interpolatorShowsLater(_ later: Int, after earlier: Int, for number: Int, _ index: FrameIndex) -> Bool {
        let parts: Int64 = 1024
        let (start, end) = (inputGrid.time(of: earlier, index), inputGrid.time(of: later, index))
        let moment = MediaTime(grid.time(of: number, index), grid.timebase(index))
            .rescaled(to: inputGrid.timebase(index) * Rational(1, parts)).value
        return (moment - start * parts) / max(end - start, 1) > parts / 2
    }
}
