import ArgumentParser
import Domain
import Filters
import Foundation
import Lanes
import Media
import Networks
import Pipeline
import Primitives
import Telemetry

/// Which treatment of which part, as `process` and `plan` take it.
struct RecipeFlags: ParsableArguments {
    @Option(help: "A file with processing options (or a whole configuration) as JSON, or the id of a built-in configuration.")
    var configuration: String
    @Option(help: "First position, in milliseconds.") var startMs: Int?
    @Option(help: "Last position, in milliseconds.") var endMs: Int?
    @Option(help: "Vulkan device: index or part of its name (REMASTER_VULKAN_DEVICE).") var vulkanDevice: String?
    @Option(
        help: ArgumentHelp(
            "Size of the restoration networks, where there are two: \(NetworkSizing.allowed) (REMASTER_NETWORK_SIZE; default: auto).",
            valueName: "size"))
    var networkSize: String?

    var deviceSelection: String { vulkanDevice ?? ProcessInfo.processInfo.environment[Setting.vulkanDevice.variable] ?? "" }

    /// A file's facts and the plan for it.
    struct Prepared: Sendable {
        let source: IngestedSource
        let plan: JobPlan
    }

    func prepare(_ input: String, observer: Observer) async throws -> Prepared {
        let options = try readOptions()
        let source: IngestedSource
        do {
            source = try await SerialLane(label: "remaster.probe").run {
                try IngestedSource.examine(input, context: MediaContext(observer: observer))
            }.beginning(atMilliseconds: startMs)
        } catch let error as MediaError {
            throw ValidationError("\(input): \(error.explanation)")
        }
        guard let format = source.format else {
            let video = source.description.video
            let name = video.rotation % 180 == 0 ? video.pixelFormatName : "\(video.pixelFormatName) turned by \(video.rotation)°"
            throw ValidationError("\(input): \(MediaError.Unsupported.pixelFormat(name).explanation)")
        }
        do {
            let recipe = try options.validated(for: format, startMilliseconds: startMs, endMilliseconds: endMs)
            return Prepared(source: source, plan: try planner().plan(recipe, file: source.description, index: source.index))
        } catch let failure as ValidationFailure {
            throw ValidationError(failure.problems.map { "\($0.field): \($0.message)" }.joined(separator: "\n"))
        } catch let PipelineError.media(error) {
            throw ValidationError("\(input): \(error.explanation)")
        }
    }

    private func planner() throws -> JobPlanner {
        let word = networkSize ?? ProcessInfo.processInfo.environment[Setting.networkSize.variable].flatMap { $0.isEmpty ? nil : $0 }
        guard let asked = NetworkSizing.size(word) else {
            throw ValidationError(
                Configuration.Problem(setting: .networkSize, value: word ?? "", allowed: NetworkSizing.allowed).description)
        }
        var models = try FilterModels.bundled()
        models.size = try NetworkSizing.choose(asked: asked, selection: deviceSelection, folder: Caches.pipelines, models: models).size
        return JobPlanner(models: models)
    }

    private func readOptions() throws -> ProcessingOptions {
        if let id = ID<Domain.Configuration>(configuration) {
            guard let builtIn = BuiltInConfiguration.all.first(where: { $0.id == id }) else {
                throw ValidationError(
                    "No built-in configuration \(id); there are \(BuiltInConfiguration.all.map { "\($0.id) (\($0.name))" }.joined(separator: ", "))."
                )
            }
            return builtIn.options
        }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: configuration))
        } catch {
            throw ValidationError("\(configuration) is neither a readable file nor an id.")
        }
        do {
            let json = try JSON(parsing: [UInt8](bytes))
            return try ProcessingOptions(json: json["options"] ?? json)
        } catch let error as JSONSyntaxError {
            throw ValidationError("\(configuration): \(error)")
        } catch let failure as ValidationFailure {
            throw ValidationError(failure.problems.map { "\($0.field): \($0.message)" }.joined(separator: "\n"))
        }
    }
}
