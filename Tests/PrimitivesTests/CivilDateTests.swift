import Primitives
import Testing

@Suite("Civil dates")
struct CivilDateTests {
    @Test(
        "known days",
        arguments: [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1), (-25_508, 1900, 3, 1), (47_541, 2100, 3, 1),
            (-719_468, 0, 3, 1), (2_932_896, 9999, 12, 31),
        ])
    func known(_ count: Int, _ year: Int, _ month: Int, _ day: Int) throws {
        let date = CivilDate(daysSince1970: count)
        #expect((date.year, date.month, date.day) == (year, month, day))
        #expect(try #require(CivilDate(year: year, month: month, day: day)).daysSince1970 == count)
    }

    @Test("every day of 800 years follows the one before, and comes back")
    func roundTrip() {
        var previous = CivilDate(daysSince1970: -146_098)
        for count in -146_097...146_097 {
            let date = CivilDate(daysSince1970: count)
            let isNext =
                date.day == previous.day + 1 && date.month == previous.month
                || date.day == 1 && (date.month == previous.month + 1 || date.month == 1 && date.year == previous.year + 1)
            if !isNext || date.daysSince1970 != count { Issue.record("\(date) after \(previous)") }
            previous = date
        }
    }

    @Test("days that the calendar does not have", arguments: [(2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 4, 31), (2024, 1, 0)])
    func absent(_ year: Int, _ month: Int, _ day: Int) { #expect(CivilDate(year: year, month: month, day: day) == nil) }
}
