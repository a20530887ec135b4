/// A point or span of media time: `value` ticks of `timebase` seconds each.
package struct MediaTime: Hashable, Sendable, Codable {
    package let value: Int64
    package let timebase: Rational

    package init(_ value: Int64, _ timebase: Rational) {
        self.value = value
        self.timebase = timebase
    }

    package var seconds: Double { Double(value) * timebase.double }

    /// The same time in ticks of `timebase`, rounded to nearest, halves away from zero.
    package func rescaled(to timebase: Rational) -> MediaTime {
        let numerator = self.timebase.numerator.multipliedFullWidth(by: timebase.denominator)
        let factor = Rational(Int64(truncatingIfNeeded: numerator.low), self.timebase.denominator * timebase.numerator)
        let magnitude = value.magnitude
        let product = magnitude.multipliedFullWidth(by: UInt64(factor.numerator))
        let divisor = UInt64(factor.denominator)
        let (quotient, remainder) = divisor.dividingFullWidth((product.high % divisor, product.low))
        let rounded = Int64(quotient) + (remainder >= divisor - remainder ? 1 : 0)
        return MediaTime(value < 0 ? -rounded : rounded, timebase)
    }
}
