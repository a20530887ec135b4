/// An exact fraction in lowest terms with a positive denominator: a timebase, a frame rate, an aspect ratio.
package struct Rational: Hashable, Sendable, CustomStringConvertible {
    package let numerator: Int64
    package let denominator: Int64

    /// - Precondition: `denominator` is not 0.
    package init(_ numerator: Int64, _ denominator: Int64) {
        precondition(denominator != 0, "a fraction has a denominator")
        let divisor = Rational.greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
        let sign: Int64 = denominator < 0 ? -1 : 1
        self.numerator = sign * numerator / Int64(divisor)
        self.denominator = sign * denominator / Int64(divisor)
    }

    package var double: Double { Double(numerator) / Double(denominator) }
    package var reciprocal: Rational? { numerator == 0 ? nil : Rational(denominator, numerator) }
    package var description: String { "\(numerator)/\(denominator)" }

    package static func * (left: Rational, right: Rational) -> Rational {
        // Crosswise reduction first, so that products of large timebases stay in range.
        let a = Rational(left.numerator, right.denominator)
        let b = Rational(right.numerator, left.denominator)
        return Rational(a.numerator * b.numerator, a.denominator * b.denominator)
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return max(a, 1)
    }
}

extension Rational: Comparable {
    package static func < (left: Rational, right: Rational) -> Bool {
        let a = left.numerator.multipliedFullWidth(by: right.denominator)
        let b = right.numerator.multipliedFullWidth(by: left.denominator)
        return a.high != b.high ? a.high < b.high : a.low < b.low
    }
}

extension Rational: Codable {
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let numerator = try container.decode(Int64.self)
        let denominator = try container.decode(Int64.self)
        guard denominator != 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a fraction has a denominator")
        }
        self.init(numerator, denominator)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(numerator)
        try container.encode(denominator)
    }
}
