/// Push constants of `line_slope`.
package struct LineSlopeParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    /// Of all planes together.
    package var lines: UInt32

    package init(width: Int, lines: Int) { (self.width, self.lines) = (UInt32(width), UInt32(lines)) }
}

/// Push constants of `line_cost`.
package struct LineCostParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var reach: UInt32

    package init(width: Int, height: Int) {
        (self.width, self.height, reach) = (UInt32(width), UInt32(height), UInt32(LineEvidence.reach))
    }
}

/// Push constants of `line_place`.
package struct LinePlaceParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32

    package init(width: Int, height: Int) { (self.width, self.height) = (UInt32(width), UInt32(height)) }
}
