import ArgumentParser
import Logging
import Telemetry

/// The server.
struct Serve: AsyncParsableCommand {
    /// Which half of the server this process is.
    enum Role: String, ExpressibleByArgument, CaseIterable, Sendable {
        case all, api, worker

        var servesAPI: Bool { self != .worker }
        var works: Bool { self != .api }
    }

    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs API and workers in one process, or one of the two.")

    @Option(help: "all, api or worker.") var role: Role = .all
    @OptionGroup var settings: SettingFlags

    func run() async throws {
        try await Assembly(try settings.configuration(), role: role, observer: Logs.observer(level: .info)).run()
    }
}
