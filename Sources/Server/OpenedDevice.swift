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
    /// Names of devices that might as well have been opened, for want of a named one.
    let others: [String]

    /// - Parameters:
    ///   - cacheDirectory: where compiled pipelines are kept between runs; created when absent.
    ///   - shares: units that are worked on at a time.
    init(selection: String, cacheDirectory: String?, shares: Int = 1, logger: Logger) throws {
        if let cacheDirectory {
            try FileManager.default.createDirectory(atPath: cacheDirectory, withIntermediateDirectories: true)
        }
        let instance = try Instance()
        let device = try instance.openDevice(
            DeviceSelection(selection),
            options: DeviceOptions(shares: shares, pipelineCache: cacheDirectory.map { $0 + "/pipelines.bin" }, logger: logger))
        engine = Engine(device: device)
        let description = device.description
        others = DeviceSelection(selection).equals(of: description, among: instance.devices).map { "\($0.index): \($0.name)" }
        facts = JobReport.DeviceFacts(
            name: description.name, driver: "\(description.driver)", apiVersion: "\(description.apiVersion)")
    }
}
