package import FoundationEssentials
import Primitives

extension JSON {
    /// A point in time as RFC 3339 in UTC with milliseconds: `2026-03-04T12:00:00.000Z`.
    package static func timestamp(_ date: Date) -> JSON { .string(Timestamp.text(date)) }

    /// A day in UTC: `2026-03-04`.
    package static func day(_ date: Date) -> JSON { .string(String(Timestamp.text(date).prefix(10))) }
}
