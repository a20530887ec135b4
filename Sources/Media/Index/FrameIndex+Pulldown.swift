import Primitives

extension FrameIndex {
    /// The rate of film in a stream of fields whose flags show pictures for three and two fields in turn: one picture after the
    /// other it is even, and only its times are not. Nil for anything else.
    var pulldownRate: Rational? {
        guard count >= 5, let first = times.first else { return nil }
        let tolerance = max(1.5, 0.001 / timebase.double)
        for rate in [Rational(24_000, 1001), Rational(24, 1)] {
            // Five fields last as long as two pictures.
            let field = 2 / (5 * rate.double * timebase.double)
            for start in [2, 3] {
                let isCadence = times.enumerated().allSatisfy { number, time in
                    let fields = number / 2 * 5 + (number % 2 == 1 ? start : 0)
                    return abs(Double(time - first) - Double(fields) * field) <= tolerance
                }
                if isCadence { return rate }
            }
        }
        return nil
    }
}
