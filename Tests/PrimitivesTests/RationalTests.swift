import Primitives
import Testing

@Suite struct RationalTests {
    @Test("a fraction is kept in lowest terms with a positive denominator")
    func lowestTerms() {
        #expect(Rational(50, -100) == Rational(-1, 2))
        #expect(Rational(0, 7).description == "0/1")
        #expect(Rational(30000, 1001) < Rational(30, 1))
    }

    @Test("rescaling rounds to nearest, halves away from zero", arguments: [(1, 1), (-1, -1), (3, 2), (2, 1)])
    func rescale(value: Int64, expected: Int64) {
        #expect(MediaTime(value, Rational(1, 2)).rescaled(to: Rational(1, 1)).value == expected)
    }

    @Test("rescaling ends at the largest numbers of 64 bits, and goes through more of them")
    func extremes() {
        func rescaled(_ value: Int64, _ unit: Rational, _ target: Rational) -> Int64 {
            MediaTime(value, unit).rescaled(to: target).value
        }
        let largest = Int64(Int32.max)
        let (finest, coarsest, second) = (Rational(1, largest), Rational(largest, 1), Rational(1, 1))
        #expect(rescaled(.max, second, Rational(1, 1000)) == .max)
        #expect(rescaled(.min, second, Rational(1, 1000)) == -.max)
        #expect(rescaled(.min, second, second) == -.max)
        #expect(rescaled(.max, second, second) == .max)
        #expect(rescaled(.min, coarsest, finest) == -.max)
        #expect(rescaled(1, coarsest, finest) == largest * largest)
        #expect(rescaled(.max, finest, coarsest) == 2)
        #expect(rescaled(1 << 60, Rational(1, 12_800), Rational(1, 1000)) == 90_071_992_547_409_920)
    }

    @Test("rescaling survives values beyond 32 bits")
    func wide() {
        let time = MediaTime(9_000_000_000, Rational(1, 90_000))
        #expect(time.rescaled(to: Rational(1001, 30_000)).value == 2_997_003)
    }
}
