import CLibAV
package import Logging
import Synchronization

/// Where the lines of the media library go. The library has one callback for the whole process, so this is one too.
package enum MediaLog {
    private static let logger = Mutex<Logger?>(nil)

    /// From now on every line of the library, down to its warnings, appears in `logger` at level debug.
    ///
    /// Its errors too: they describe the input, and what matters of them is thrown as a `MediaError`.
    package static func route(to logger: Logger) {
        capture()
        Self.logger.withLock { $0 = logger }
    }

    /// Takes the lines off standard error; until `route` is called they are dropped.
    static func capture() { _ = installed }

    private static let installed: Bool = {
        av_log_set_callback { source, level, format, arguments in
            guard level <= AV_LOG_WARNING, let arguments else { return }
            let line = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer -> String in
                var isLineStart: Int32 = 1
                av_log_format_line2(source, level, format, arguments, buffer.baseAddress, Int32(buffer.count), &isLineStart)
                return String(decoding: buffer.prefix(while: { $0 != 0 }).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            let text = line.split(separator: "\n").joined(separator: " ")
            guard !text.isEmpty else { return }
            MediaLog.logger.withLock { logger in logger?.debug("\(text)", metadata: ["source": "libav"]) }
        }
        return true
    }()
}
