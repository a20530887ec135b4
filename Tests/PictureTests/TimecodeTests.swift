import Picture
import Primitives
import Testing

@Suite struct TimecodeTests {
    static let ntsc = Rational(30000, 1001)

    @Test(
        "Adding frames to an address",
        arguments: [
            ("01:00:00:00", Rational(25, 1), 30, "01:00:01:05"),
            ("23:59:59:24", Rational(25, 1), 1, "00:00:00:00"),
            ("00:00:59;29", ntsc, 1, "00:01:00;02"),
            ("00:09:59;29", ntsc, 1, "00:10:00;00"),
            ("01:00:00;00", ntsc, 107_892, "02:00:00;00"),
            ("00:00:59:29", ntsc, 1, "00:01:00:00"),
            ("00:00:59;59", Rational(60000, 1001), 1, "00:01:00;04"),
            ("10:00:00:00", Rational(24000, 1001), 25, "10:00:01:01"),
            ("00:00:00:00", Rational(25, 1), -1, "23:59:59:24"),
        ])
    func advance(start: String, rate: Rational, frames: Int, expected: String) throws {
        let timecode = try #require(Timecode(start, rate: rate))
        #expect(timecode.advanced(by: frames).description == expected)
    }

    @Test(
        "What is not an address is refused",
        arguments: ["00:01:00;00", "24:00:00:00", "00:60:00:00", "00:00:00:30", "0:00:00:00", "00-00-00-00", "aa:00:00:00", ""])
    func refused(text: String) { #expect(Timecode(text, rate: Self.ntsc) == nil) }

    @Test("Drop-frame exists only beside an NTSC rate")
    func dropFrameRates() {
        #expect(Timecode("00:00:00;00", rate: Rational(25, 1)) == nil)
        #expect(Timecode("00:00:00;00", rate: Rational(30, 1)) == nil)
        #expect(Timecode("00:00:00;00", rate: Self.ntsc)?.isDropFrame == true)
    }
}
