/// Which code values carry the nominal range of a signal (H.273 `VideoFullRangeFlag`).
package enum ColorRange: String, Sendable, Codable, CaseIterable {
    /// Nothing is known.
    case unspecified
    /// 16…235 (luma) and 16…240 (chroma) × 2^(n−8).
    case limited
    /// 0…2ⁿ−1.
    case full
}
