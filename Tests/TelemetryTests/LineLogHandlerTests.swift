import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct LineLogHandlerTests {
    /// Collects lines.
    private final class Page: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
        func append(_ line: [UInt8]) { bytes.withLock { $0 += line } }
    }

    private let page = Page()

    private func logger(_ provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "remaster") { [page] label in
            var handler = LineLogHandler(label: label, time: { "2026-03-04T12:00:00.000Z" }, write: { page.append($0) })
            handler.metadataProvider = provider
            return handler
        }
    }

    @Test func aLineHasTimeLevelMetadataInOrderSourceAndMessage() {
        logger().info("request", metadata: ["status": "200", "method": "GET"], source: "HTTP")
        #expect(page.text == "2026-03-04T12:00:00.000Z info remaster: method=GET status=200 [HTTP] request\n")
    }

    @Test func theEventsMetadataWinsOverTheProvidersAndThatOverTheLoggers() {
        var logger = logger(Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.warning("m", metadata: ["c": "event"], source: "S")
        #expect(page.text == "2026-03-04T12:00:00.000Z warning remaster: a=logger b=provider c=event [S] m\n")
    }

    @Test(
        "What could forge a line or steer a terminal is escaped",
        arguments: [
            ("a\nb", #"a\u{a}b"#), ("a\r\nb", #"a\u{d}\u{a}b"#), ("\u{1B}[2J", #"\u{1b}[2J"#), ("a\u{85}b", #"a\u{85}b"#),
            ("a\u{2028}b", #"a\u{2028}b"#), (#"a\u{a}b"#, #"a\\u{a}b"#), ("¡olé! “é”", "¡olé! “é”"),
        ])
    func escapes(text: String, expected: String) {
        logger().error("\(text)", metadata: ["k\(text)": "\(text)"], source: "S")
        #expect(page.text == "2026-03-04T12:00:00.000Z error remaster: k\(expected)=\(expected) [S] \(expected)\n")
    }

    @Test func belowTheLevelNothingIsWritten() {
        var logger = logger()
        logger.logLevel = .warning
        logger.info("m")
        #expect(page.text.isEmpty)
    }
}
