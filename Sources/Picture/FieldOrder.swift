/// Whether a picture is two fields, and which one is earlier in time.
package enum FieldOrder: String, Sendable, Codable, CaseIterable {
    /// Nothing is known.
    case unspecified
    case progressive
    /// The lines 0, 2, 4 … are the earlier field.
    case topFirst
    /// The lines 1, 3, 5 … are the earlier field.
    case bottomFirst

    package var isInterlaced: Bool { self == .topFirst || self == .bottomFirst }
}
