import Foundation
import Primitives
import Testing

@Suite struct TimestampTests {
    @Test(
        "Times are written in UTC with milliseconds",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400.0, "2000-02-29T00:00:00.000Z"), (1_772_625_600.25, "2026-03-04T12:00:00.250Z"),
            (-1.0, "1969-12-31T23:59:59.000Z"), (253_402_300_799.999, "9999-12-31T23:59:59.999Z"),
            (4_107_542_399.5, "2100-02-28T23:59:59.500Z"), (-62_167_219_200.0, "0000-01-01T00:00:00.000Z"),
        ])
    func text(seconds: Double, text: String) {
        #expect(Timestamp.text(Date(timeIntervalSince1970: seconds)) == text)
        #expect(Timestamp.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test("Every day of 400 years comes back") func everyDay() {
        for day in 0..<146_097 {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 - 5_000_000_000)
            guard Timestamp.date(Timestamp.text(date)) == date else {
                Issue.record("\(Timestamp.text(date)) does not come back")
                return
            }
        }
    }

    @Test(
        "Other forms of RFC 3339 are read, and offsets without a colon",
        arguments: [
            "2026-03-04T13:00:00+01:00", "2026-03-04 12:00:00Z", "2026-03-04t12:00:00.000z", "2026-03-04T06:30:00.0-05:30",
            "2026-03-04T13:00:00+0100", "2026-03-04T12:00:00.000000+0000",
        ])
    func forms(text: String) {
        #expect(Timestamp.date(text)?.timeIntervalSince1970 == 1_772_625_600)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026-03-04", "2026-03-04T12:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-04T24:00:00Z",
            "2026-03-04T12:00:00.Z", "2026-03-04T12:00:00Zx", "2026-03-04T12:00:00+01", "2026-03-04T12:00:00+01:0", "1772625600",
        ])
    func refused(text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test(
        "A moment that in UTC has no year of four digits is refused, whatever its offset makes of it",
        arguments: [
            "0000-01-01T00:00:00+00:01", "0000-01-01T23:58:59+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:00-0001",
        ])
    func beyond(text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test(
        "The first and the last moment are read with any offset",
        arguments: [
            ("0000-01-01T00:01:00+00:01", "0000-01-01T00:00:00.000Z"), ("0000-01-01T00:00:00-00:01", "0000-01-01T00:01:00.000Z"),
            ("9999-12-31T23:58:59.999-00:01", "9999-12-31T23:59:59.999Z"), ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999Z"),
        ])
    func ends(text: String, utc: String) throws {
        #expect(Timestamp.text(try #require(Timestamp.date(text))) == utc)
    }

    @Test(
        "What lies before the year 0 or after 9999 is written as the nearest moment",
        arguments: [
            (-62_167_219_200.001, "0000-01-01T00:00:00.000Z"), (-9e18, "0000-01-01T00:00:00.000Z"),
            (-Double.infinity, "0000-01-01T00:00:00.000Z"), (253_402_300_800.0, "9999-12-31T23:59:59.999Z"),
            (9e18, "9999-12-31T23:59:59.999Z"), (Double.infinity, "9999-12-31T23:59:59.999Z"),
        ])
    func clamped(seconds: Double, text: String) {
        #expect(Timestamp.text(Date(timeIntervalSince1970: seconds)) == text)
    }
}
