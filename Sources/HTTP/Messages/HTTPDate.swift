import Primitives

/// Dates of header fields, in whole seconds since 1970-01-01 UTC (RFC 9110 §5.6.7).
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func text(_ seconds: Int) -> String {
        let day = seconds.flooredQuotient(by: 86_400)
        let time = seconds - day * 86_400
        let date = CivilDate(daysSince1970: day)
        let weekday = (((day + 4) % 7) + 7) % 7
        return "\(days[weekday]), \(two(date.day)) \(months[date.month - 1]) \(four(date.year)) "
            + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
    }

    /// Reads IMF-fixdate and the two obsolete forms, RFC 850 (`Sunday, 06-Nov-94 08:49:37 GMT`) and asctime
    /// (`Sun Nov  6 08:49:37 1994`); nil for anything else. Two-digit years below 70 are of this century.
    package static func seconds(_ text: String) -> Int? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        let dayText: String, monthText: String, yearText: String, timeText: String
        if parts.count == 6, parts[5] == "GMT" {
            (dayText, monthText, yearText, timeText) = (parts[1], parts[2], parts[3], parts[4])
        } else if parts.count == 5 {
            (dayText, monthText, yearText, timeText) = (parts[2], parts[1], parts[4], parts[3])
        } else {
            return nil
        }
        let clock = timeText.split(separator: ":", omittingEmptySubsequences: false)
        guard let month = months.firstIndex(of: monthText), var year = number(yearText, 4), let day = number(dayText, 2),
            clock.count == 3, let hour = number(clock[0], 2), let minute = number(clock[1], 2), let second = number(clock[2], 2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        if yearText.utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
        guard let date = CivilDate(year: year, month: month + 1, day: day) else { return nil }
        return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: some StringProtocol, _ digits: Int) -> Int? {
        guard !text.isEmpty, text.utf8.count <= digits, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func four(_ value: Int) -> String { String(repeating: "0", count: max(0, 4 - "\(value)".utf8.count)) + "\(value)" }
}
