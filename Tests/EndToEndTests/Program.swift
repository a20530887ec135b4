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
        let folder = try Folder()
        let (output, errors) = (folder.path + "/out", folder.path + "/err")
        let child = try Child(path, arguments, environment: environment, output: .file(output), errors: .file(errors))
        return Outcome(
            status: child.wait(), output: try String(contentsOfFile: output, encoding: .utf8),
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
