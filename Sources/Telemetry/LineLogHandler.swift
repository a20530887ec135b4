package import Logging

/// Writes each event as one line: `2026-03-04T12:00:00.000Z info remaster: name=value name=value [HTTP] message`.
///
/// What is logged comes from callers and from media. A control character, which could forge a line or steer a terminal, is
/// written as `\u{…}`, a backslash as two. swift-log's own handler writes them as they are, and asks for the local time zone on
/// every line.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let time: @Sendable () -> String
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - time: the present moment as text.
    ///   - write: takes a whole line with its end; called from any thread.
    package init(label: String, time: @escaping @Sendable () -> String, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        self.time = time
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        // What is nearer to the event wins.
        var all = event.metadata ?? [:]
        if let provided = metadataProvider?.get() { all.merge(provided) { near, _ in near } }
        if !metadata.isEmpty { all.merge(metadata) { near, _ in near } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }

        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: "\(time()) \(event.level) ".utf8)
        Self.append(label, to: &line)
        line.append(UInt8(ascii: ":"))
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            line.append(UInt8(ascii: " "))
            Self.append(name, to: &line)
            line.append(UInt8(ascii: "="))
            Self.append(value.description, to: &line)
        }
        line.append(contentsOf: " [".utf8)
        Self.append(event.source, to: &line)
        line.append(contentsOf: "] ".utf8)
        Self.append(event.message.description, to: &line)
        line.append(UInt8(ascii: "\n"))
        write(line)
    }

    private static func append(_ text: String, to line: inout [UInt8]) {
        let start = line.count
        line.append(contentsOf: text.utf8)
        guard line[start...].contains(where: isSuspicious) else { return }
        line.removeSubrange(start...)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
            case 0x5C: line.append(contentsOf: "\\\\".utf8)
            default: line.append(contentsOf: String(Character(scalar)).utf8)
            }
        }
    }

    /// Whether a byte may belong to a character that is escaped: those above ASCII start with C2 or E2.
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == 0x5C || byte == 0xC2 || byte == 0xE2
    }
}
