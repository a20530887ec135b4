package import FoundationEssentials

/// Points in time as the API and the log write and read them.
package enum Timestamp {
    /// What a year of four digits can say, in seconds since 1970: from 0000-01-01T00:00:00Z to before 10000-01-01T00:00:00Z.
    private static let moments = -62_167_219_200.0..<253_402_300_800.0

    /// RFC 3339 in UTC, cut to milliseconds. A moment before the year 0 is written as its beginning, one after the year 9999 as its
    /// end: dates of files can lie anywhere.
    package static func text(_ date: Date) -> String {
        let exact = (date.timeIntervalSince1970 * 1000).rounded(.down)
        let milliseconds = Int(min(moments.upperBound * 1000 - 1, max(moments.lowerBound * 1000, exact)))
        let day = milliseconds.flooredQuotient(by: 86_400_000)
        let rest = milliseconds - day * 86_400_000
        let date = CivilDate(daysSince1970: day)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(date.year, 4, "-", to: &text)
        append(date.month, 2, "-", to: &text)
        append(date.day, 2, "T", to: &text)
        append(rest / 3_600_000, 2, ":", to: &text)
        append(rest / 60_000 % 60, 2, ":", to: &text)
        append(rest / 1000 % 60, 2, ".", to: &text)
        append(rest % 1000, 3, "Z", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func append(_ number: Int, _ width: Int, _ end: Unicode.Scalar, to text: inout [UInt8]) {
        var unit = width == 2 ? 10 : width == 3 ? 100 : 1000
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
        text.append(UInt8(ascii: end))
    }

    /// Reads RFC 3339 with `Z` or an offset, `T` or a space between date and time, and any number of fractional digits;
    /// nil for anything else, and for a moment that in UTC is before the year 0 or after 9999. A leap second counts as the second
    /// after it.
    package static func date(_ text: String) -> Date? {
        var reader = Reader(Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("Tt "), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            let date = CivilDate(year: year, month: month, day: day), hour <= 23, minute <= 59, second <= 60
        else { return nil }
        guard let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        return moments.contains(Double(seconds)) ? Date(timeIntervalSince1970: Double(seconds) + fraction) : nil
    }

    /// The beginning of a day in UTC, written as `2026-03-04`; nil for anything else.
    package static func day(_ text: String) -> Date? { text.utf8.count == 10 ? date(text + "T00:00:00Z") : nil }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { position == bytes.count }

        mutating func number(_ digits: Int) -> Int? {
            guard position + digits <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[position..<position + digits] {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            position += digits
            return value
        }

        mutating func skip(_ allowed: String) -> Bool {
            guard !isAtEnd, allowed.utf8.contains(bytes[position]) else { return false }
            position += 1
            return true
        }

        /// Seconds below one; 0 without a fraction, nil for a bare point.
        mutating func fraction() -> Double? {
            guard skip(".") else { return 0 }
            var (value, unit, count) = (0.0, 0.1, 0)
            while let digit = number(1) {
                (value, unit, count) = (value + Double(digit) * unit, unit / 10, count + 1)
            }
            return count > 0 ? value : nil
        }

        /// Seconds east of UTC. ISO 8601's basic form, without the colon, is what many clients write.
        mutating func offset() -> Int? {
            if skip("Zz") { return 0 }
            let isWest = skip("-")
            guard isWest || skip("+"), let hours = number(2) else { return nil }
            _ = skip(":")
            guard let minutes = number(2), hours <= 23, minutes <= 59 else { return nil }
            return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }
}
