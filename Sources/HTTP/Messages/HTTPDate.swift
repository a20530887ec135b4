/// Dates of header fields, in whole seconds since 1970-01-01 UTC (RFC 9110 §5.6.7).
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func text(_ seconds: Int) -> String {
        let day = floorDivision(seconds, 86_400)
        let time = seconds - day * 86_400
        let (year, month, dayOfMonth) = civil(day)
        let weekday = (((day + 4) % 7) + 7) % 7
        return "\(days[weekday]), \(two(dayOfMonth)) \(months[month - 1]) \(four(year)) "
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
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        if yearText.utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
        return daysFromCivil(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: some StringProtocol, _ digits: Int) -> Int? {
        guard !text.isEmpty, text.utf8.count <= digits, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func four(_ value: Int) -> String { String(repeating: "0", count: max(0, 4 - "\(value)".utf8.count)) + "\(value)" }
    private static func floorDivision(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : (a - b + 1) / b }

    /// Proleptic Gregorian date of a day number; eras of 400 years that begin on 1 March make leap days the last of their year.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivision(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
