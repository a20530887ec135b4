import ArgumentParser
import Foundation
import Filters
import Logging
import Networks
import Pipeline
import Telemetry

/// Throughput of kernels and networks on a device.
struct Benchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark", abstract: "Measures kernels and networks on the Vulkan device.")

    @Option(help: "Vulkan device: index or part of its name.") var vulkanDevice = ""
    @Option(parsing: .upToNextOption, help: "Measures these embedded networks alone.") var networks: [String] = []

    func run() async throws {
        let opened = try OpenedDevice(
            selection: vulkanDevice, cacheDirectory: Caches.pipelines, logger: Logs.observer(level: .warning).logger)
        print("device: \(opened.facts.name), \(opened.facts.driver)")
        let names = networks.isEmpty ? nil : networks
        for measurement in try await NetworkBenchmark.run(on: opened.engine.device, names: names) { print("\(measurement)") }
        guard networks.isEmpty else { return }
        for measurement in try await FilterBenchmark.run(on: opened.engine.device) {
            print("\(measurement.name), 1080p to 2160p: \(measurement.frameSeconds) s a frame")
            for stage in measurement.stages { print("  \(stage.name): \(stage.seconds / Double(max(1, stage.frames))) s a frame") }
        }
    }
}
