import Foundation
import Media
import Pipeline
import Testing

/// A file with times that no recording has ends the same way wherever it is read.
@Suite(.serialized) struct HostileTimeTests {
    @Test("ingestion and planning refuse a far jump with the same words")
    func farJump() throws {
        let bench = try Bench()
        let path = try bench.clip(
            "fragments.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "10", "-c:v", "libx264", "-preset", "ultrafast", "-g", "5",
                "-bf", "0", "-movflags", "frag_keyframe+empty_moov",
            ])
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let second = try #require(data.range(of: Data("tfdt".utf8), options: .backwards))
        // Version and flags, then a time of 64 bits.
        let time = second.upperBound + 4..<second.upperBound + 12
        data.replaceSubrange(time, with: Data([0x10, 0, 0, 0, 0, 0, 0, 0]))
        try data.write(to: URL(fileURLWithPath: path))
        let expected = MediaError.unsupported(.timestamps("one is 1152921504606846976 ticks of 1/12800 s"))
        #expect(throws: expected) { try IngestedSource.examine(path, context: MediaContext(observer: Bench.observer)) }
        #expect(throws: expected) { try bench.prepare(path, #"{"encodingConfiguration":{"codec":"FFV1"}}"#) }
        #expect(expected.explanation.contains("1152921504606846976 ticks of 1/12800 s; allowed is time that ascends"))
        #expect(expected.explanation.contains("136 years"))
    }

    @Test("a file that is too long says how long it is, and how long it may be")
    func tooLong() {
        let text = MediaError.limitExceeded(.milliseconds, value: 180_000_000, allowed: 172_800_000).explanation
        #expect(text.contains("180000000 ms") && text.contains("172800000 ms (48 hours)"))
        let frames = MediaError.limitExceeded(.frames, value: 11, allowed: 10).explanation
        #expect(frames == "frames is 11; at most 10 is allowed.")
    }
}
