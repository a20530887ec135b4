/// A point or span of media time: `value` ticks of `timebase` seconds each.
package struct MediaTime: Hashable, Sendable, Codable {
    package let value: Int64
    package let timebase: Rational

    package init(_ value: Int64, _ timebase: Rational) {
        self.value = value
        self.timebase = timebase
    }

    package var seconds: Double { Double(value) * timebase.double }

    /// The same time in ticks of `timebase`, rounded to nearest, halves away from zero; what is beyond 64 bits becomes the largest
    /// number of them, of the same sign.
    ///
    /// - Precondition: `timebase` is not 0.
    package func rescaled(to timebase: Rational) -> MediaTime {
        // Reduced crosswise: the terms of two timebases of a file then fit 64 bits, and the product 128.
        let units = Rational(self.timebase.numerator, timebase.numerator)
        let ticks = Rational(timebase.denominator, self.timebase.denominator)
        let numerator = UInt128(units.numerator.magnitude) * UInt128(ticks.numerator.magnitude)
        let divisor = UInt128(units.denominator.magnitude) * UInt128(ticks.denominator.magnitude)
        let (product, isBeyond) = UInt128(value.magnitude).multipliedReportingOverflow(by: numerator)
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
        let rounded = isBeyond ? Int64.max : Int64(clamping: quotient + (remainder >= divisor - remainder ? 1 : 0))
        return MediaTime((value < 0) != (units.numerator < 0) ? -rounded : rounded, timebase)
    }
}
