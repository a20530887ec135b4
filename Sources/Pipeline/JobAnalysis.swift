package import Filters
package import Picture

/// What a look at the whole range of a job found, for its segments.
package struct JobAnalysis: Codable, Hashable, Sendable {
    /// Nil when no program needs them.
    package var conditions: ShotConditions?
    /// Nil when nobody asked for it.
    package var fieldOrder: FieldOrder?

    package init(conditions: ShotConditions? = nil, fieldOrder: FieldOrder? = nil) {
        self.conditions = conditions
        self.fieldOrder = fieldOrder
    }
}
