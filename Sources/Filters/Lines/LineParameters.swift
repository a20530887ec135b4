package import Picture

/// Push constants of `line_slope`.
package struct LineSlopeParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    /// Of all planes together.
    package var lines: UInt32
    /// Line of the result that the first one becomes.
    package var target: UInt32

    package init(width: Int, lines: Int, target: Int = 0) {
        (self.width, self.lines, self.target) = (UInt32(width), UInt32(lines), UInt32(target))
    }
}

/// Push constants of `line_cost`.
package struct LineCostParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var reach: UInt32
    /// Planes of slopes.
    package var first: UInt32
    package var second: UInt32
    /// Lines and samples by which the second plane's content lies further.
    package var down: Int32
    package var across: Int32
    /// Place of the first cost.
    package var target: UInt32

    package init(size: PictureSize, first: Int, second: Int, offset: FrameOffset, target: Int) {
        (width, height, reach) = (UInt32(size.width), UInt32(size.height), UInt32(LineShifts.reach))
        (self.first, self.second) = (UInt32(first), UInt32(second))
        (down, across) = (Int32(offset.down), Int32(offset.across))
        self.target = UInt32(target)
    }
}

/// Push constants of `line_place`.
package struct LinePlaceParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32

    package init(width: Int, height: Int) { (self.width, self.height) = (UInt32(width), UInt32(height)) }
}
