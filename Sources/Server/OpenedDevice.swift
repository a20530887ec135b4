import Filters
import Foundation
import GPU
import Logging
import Networks
import Pipeline

/// Opens the configured Vulkan device and describes it for reports.
struct OpenedDevice: Sendable {
    let engine: Engine
    let facts: JobReport.DeviceFacts

    /// - Parameter cacheDirectory: where compiled pipelines are kept between runs; created when absent.
    init(selection: String, cacheDirectory: String?, logger: Logger) throws {
        if let cacheDirectory {
            try FileManager.default.createDirectory(atPath: cacheDirectory, withIntermediateDirectories: true)
        }
        let instance = try Instance()
        let device = try instance.openDevice(
            DeviceSelection(selection),
            options: DeviceOptions(pipelineCache: cacheDirectory.map { $0 + "/pipelines.bin" }, logger: logger))
        engine = Engine(device: device)
        let description = device.description
        facts = JobReport.DeviceFacts(
            name: description.name, driver: "\(description.driver)", apiVersion: "\(description.apiVersion)")
    }
}
