import Foundation
import Logging
import Primitives
import Telemetry

/// The process's log: lines on standard error.
enum Logs {
    static func observer(level: Logger.Level) -> Observer {
        var logger = Logger(label: "remaster") { label in
            LineLogHandler(label: label, time: { Timestamp.text(Date()) }, write: { standardError($0) })
        }
        logger.logLevel = level
        return Observer(logger: logger)
    }

    /// Writes a line in one call, so that lines of several threads do not mix. An output that is gone loses it: a server does not
    /// stop for its log.
    private static func standardError(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
