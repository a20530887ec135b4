import ArgumentParser
import Logging
import Foundation
import Pipeline
import Telemetry

/// What would be done, and why.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints what processing a file would do and why, as JSON.")

    @Argument(help: "The video to plan for.") var input: String
    @OptionGroup var recipe: RecipeFlags

    func run() async throws {
        let prepared = try await recipe.prepare(input, observer: Logs.observer(level: .warning))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(prepared.plan), as: UTF8.self))
    }
}
