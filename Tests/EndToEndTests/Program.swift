import Foundation
import Testing

/// Runs one program to its end.
struct Program {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The folder of the products under test, which the test bundle lies in too.
    static var products: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path(percentEncoded: false)
    }

    static var remaster: String { products + "/remaster" }

    /// The root of the checkout.
    static var root: String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path(percentEncoded: false)
    }

    /// - Throws: when the program cannot be started.
    static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = path.hasPrefix("/") ? URL(filePath: path) : URL(filePath: "/usr/bin/env")
        process.arguments = path.hasPrefix("/") ? arguments : [path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let folder = try Folder()
        let (output, errors) = (folder.path + "/out", folder.path + "/err")
        for path in [output, errors] { try Data().write(to: URL(filePath: path)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitForExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// Runs a program that must succeed.
    @discardableResult
    static func check(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let outcome = try run(path, arguments, environment: environment)
        try #require(outcome.status == 0, "\(path) \(arguments.joined(separator: " ")): \(outcome.errors)")
        return outcome.output
    }
}

/// A private folder that goes with its owner.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "remaster-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) }
    }
}

extension Process {
    /// Waits for the end by looking: Foundation's own wait spins the run loop of the thread that started the process, and
    /// never returns on another one.
    ///
    /// - Parameter limit: after it the process is killed.
    func waitForExit(limit: Duration = .seconds(600)) {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            if ContinuousClock.now > deadline { Foundation.kill(processIdentifier, SIGKILL) }
            usleep(5_000)
        }
    }

    /// SIGKILL: a child started here inherits blocked signals, and a foreign program may never see SIGTERM.
    func endNow() {
        Foundation.kill(processIdentifier, SIGKILL)
        waitForExit()
    }
}
