import Logging
package import Telemetry

extension EmbeddedCluster {
    /// The private server that a command works on.
    package enum Joined: Sendable {
        /// That of a server that runs.
        case running(ConnectionConfiguration)
        /// One of the command's own, for it to stop.
        case own(EmbeddedCluster)
    }

    /// For a command: the private server of whoever has the data directory, as soon as it is announced, or one of its own as soon
    /// as nobody has the directory.
    ///
    /// - Throws: `.stayedInUse` when neither came within `settings.patience`, and what `start` throws.
    package static func join(_ settings: Settings, observer: Observer) async throws(EmbeddedClusterError) -> Joined {
        var own = settings
        own.owner = .command
        own.patience = .zero
        let deadline = ContinuousClock.now + settings.patience
        var isWaiting = false
        while true {
            if let connection = running(dataDirectory: settings.dataDirectory) { return .running(connection) }
            do throws(EmbeddedClusterError) {
                return .own(try await start(own, observer: observer))
            } catch {
                let process: Int32?
                switch error {
                case .alreadyRunning(_, let holder), .heldByCommand(_, let holder): process = holder
                default: throw error
                }
                guard ContinuousClock.now < deadline, !Task.isCancelled else {
                    throw .stayedInUse(dataDirectory: settings.dataDirectory, process: process, waited: settings.patience)
                }
                if !isWaiting {
                    observer.logger.warning(
                        "waits for whoever has the data directory: for the database of a server that starts, or the end of a command",
                        metadata: ["process": "\(process.map { "\($0)" } ?? "unknown")"])
                }
                isWaiting = true
            }
            await ClusterLauncher.rest(.milliseconds(100))
        }
    }
}
