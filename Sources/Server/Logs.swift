import Foundation
import Logging
import Telemetry

/// The process's log: lines on standard error.
enum Logs {
    static func observer(level: Logger.Level) -> Observer {
        var logger = Logger(label: "remaster", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return Observer(logger: logger)
    }
}
