/// Counts the light of a PQ picture whose numbers pass as they are: what is computed here is measured and goes nowhere.
package struct MeterStep: Hashable, Sendable, Codable {
    /// The way to R′G′B′, with nothing done there.
    package let grade: GradeStep
    /// Chroma of the finished grid → a sample for each of luma; nil where there is one already, or no chroma.
    package let chroma: ResampleSteps?
    /// Whether the first plane alone is light.
    package let isGray: Bool
}
