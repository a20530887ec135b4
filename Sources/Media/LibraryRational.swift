import CLibAV
import Primitives

extension Rational {
    /// Nil for the library's "unknown": a zero numerator or denominator.
    init?(_ raw: AVRational) {
        guard raw.num != 0, raw.den != 0 else { return nil }
        self.init(Int64(raw.num), Int64(raw.den))
    }

    /// The library's form; nil when a term does not fit 32 bits.
    var library: AVRational? {
        guard let numerator = Int32(exactly: numerator), let denominator = Int32(exactly: denominator) else { return nil }
        return AVRational(num: numerator, den: denominator)
    }
}

/// A time stamp of the library; nil when it is missing.
func timestamp(_ raw: Int64) -> Int64? { raw == remaster_no_pts ? nil : raw }
