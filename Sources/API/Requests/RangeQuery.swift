import Domain
import FoundationEssentials
import Primitives

/// A range of time as a query gives it.
struct RangeQuery: Sendable {
    /// In what the ends are given.
    enum Precision: Sendable {
        /// Whole days in UTC: `fromDate`, `toDate`.
        case days
        /// `fromDateTime`, `toDateTime`.
        case times

        var parameters: [String] { self == .days ? ["fromDate", "toDate"] : ["fromDateTime", "toDateTime"] }
    }

    /// Inclusive; nil when it was not given.
    let from: Date?
    /// Exclusive, for the database; nil when it was not given.
    let until: Date?
    /// The last moment of the range as it is shown: milliseconds are all the API has.
    var last: Date? { until.map { $0 - 0.001 } }

    /// Reads both ends; one after the other is a problem.
    init(_ precision: Precision, _ query: QueryReader) {
        let names = precision.parameters
        let (from, to) =
            precision == .days ? (query.day(names[0]), query.day(names[1])) : (query.timestamp(names[0]), query.timestamp(names[1]))
        self.from = from
        // The end is inclusive: the whole day, or the whole millisecond.
        until = to.map { $0 + (precision == .days ? 86_400 : 0.001) }
        if let from, let to, from > to {
            query.problems.add(
                Problem(
                    .dateTimeRange, field: names[0], actual: query.given(names[0]),
                    "must not be after \(names[1]), which is \(query.given(names[1]) ?? "")"))
        }
    }
}
