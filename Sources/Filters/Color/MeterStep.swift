/// Counts the light of an HDR picture whose colors nothing computes any more: what comes out here goes nowhere, unless it is clamped.
package struct MeterStep: Hashable, Sendable, Codable {
    /// The way to R′G′B′ and back, with nothing done there but a clamp where it has a limit.
    package let grade: GradeStep
    /// Chroma of the finished grid → a sample for each of luma; nil where there is one already, or no chroma.
    package let chroma: ResampleSteps?
    /// Whether the first plane alone is light.
    package let isGray: Bool
}
