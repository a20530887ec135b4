import Foundation
import Media
import Picture
import Primitives
import Testing

/// CEA-608 captions in a track of QuickTime: a caption stays until a later code takes it off the screen, and its decoder gives the
/// words then.
@Suite struct CaptionTrackTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    /// Pop-on captions: Hello at 1 s, which the next one replaces; Bye from 2 s to 3 s; End from 4 s, which nothing takes off.
    private static let popOn = [
        "00:00:00:00\t9420 9420 9470 9470 c8e5 ecec ef80", "00:00:01:00\t942f 942f", "00:00:01:15\t9420 9420 9470 9470 c279 e580",
        "00:00:02:00\t942f 942f", "00:00:03:00\t942c 942c", "00:00:03:15\t9420 9420 9470 9470 456e 6480", "00:00:04:00\t942f 942f",
        "00:00:04:15\t8080 8080",
    ]
    /// Two rows that roll up: a row each second from 1 s on.
    private static let rollUp = [
        "00:00:01:00\t9425 9425 94ad 94ad 9470 9470 c8e5 ecec ef80", "00:00:02:00\t94ad 94ad 9470 9470 c279 e580",
        "00:00:03:00\t94ad 94ad 9470 9470 456e 6480", "00:00:04:15\t8080 8080",
    ]

    /// What of five seconds with captions is shown in a rendition of a range, as SubRip.
    private func shown(_ captions: [String], _ range: FrameRange) throws -> String {
        let file = folder.file("captions.scc")
        try ("Scenarist_SCC V1.0\n\n" + captions.map { $0 + "\n\n" }.joined()).write(toFile: file, atomically: true, encoding: .utf8)
        let path = try folder.clip(
            "source.mov", source: ["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25:duration=5", "-i", file],
            ["-map", "0", "-map", "1", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-c:s", "copy"])
        #expect(try ffprobe(path, "-select_streams", "s", "-show_entries", "stream=codec_tag_string").contains("c608"))
        let index = try FrameIndex.scan(path, context: .test)
        let logs = try encode(path, index, range, into: folder) { .quick($0, index) }
        let (rendition, report) = try assemble(logs, source: path, index, range, into: folder)
        #expect(report.decisions.map(\.reason) == [.processed, .textRewritten])
        let text = folder.file("out.srt")
        let (status, output) = try run("ffmpeg", ["-v", "error", "-y", "-i", rendition, "-map", "0:s", text])
        try #require(status == 0, "\(output)")
        // Lines of one caption end as SubRip's do.
        return try String(contentsOfFile: text, encoding: .utf8).replacing("\r\n", with: "\n")
    }

    @Test("Captions are shown from when they appear to when they go; one that nothing takes off stays to the end")
    func times() throws {
        let text = try shown(Self.popOn, FrameRange(0, 125))
        #expect(
            text == """
                1
                00:00:01,000 --> 00:00:02,000
                Hello

                2
                00:00:02,000 --> 00:00:03,000
                Bye

                3
                00:00:04,000 --> 00:00:05,000
                End


                """)
    }

    @Test("A rendition of a part has the captions of that part alone")
    func parts() throws {
        // Begins with the picture at which the second caption replaces the first.
        let text = try shown(Self.popOn, FrameRange(50, 110))
        #expect(!text.contains("Hello"))
        #expect(text.contains("00:00:00,000 --> 00:00:01,000\nBye\n"))
        #expect(text.contains("00:00:02,000 --> 00:00:02,400\nEnd\n"))
    }

    @Test("Rows that roll up are shown row by row")
    func rollingUp() throws {
        let text = try shown(Self.rollUp, FrameRange(0, 125))
        #expect(text.contains("00:00:01,000 --> 00:00:02,000\nHello\n"))
        #expect(text.contains("00:00:02,000 --> 00:00:03,000\nHello\nBye\n"))
        #expect(text.contains("00:00:03,000 --> 00:00:05,000\nBye\nEnd\n"))
    }
}
