import FoundationEssentials
package import GPU
import Networks

/// How fast a device ran the largest network of the scaler, measured once.
package struct NetworkSpeed: Hashable, Sendable, Codable {
    /// A device on which a megapixel of the result takes at most this many seconds gets the larger networks: a frame of
    /// 1080p in 0.2 s, of 2160p in 0.8 s.
    package static let limit = 0.1

    /// Name, driver and Vulkan version, as the device describes itself.
    package let device: String
    package let driver: String
    package let apiVersion: String
    package let network: ModelIdentity
    package let secondsPerMegapixel: Double

    package init(of device: DeviceDescription, network: ModelIdentity, secondsPerMegapixel: Double) {
        self.device = device.name
        driver = device.driver
        apiVersion = device.apiVersion
        self.network = network
        self.secondsPerMegapixel = secondsPerMegapixel
    }

    /// Which networks such a device gets.
    package var size: ModelSize { secondsPerMegapixel <= Self.limit ? .gpu : .cpu }

    /// Runs the largest network on noise, 256 × 144 samples, and takes the fastest of five runs.
    ///
    /// - Returns: nil where every network is for the smallest devices, so that there is nothing to choose.
    package static func measure(on device: Device, models: FilterModels) async throws -> NetworkSpeed? {
        guard let model = models.yardstick else { return nil }
        let shape = NetworkGraph.Size(256, 144)
        let network: Network
        do throws(NetworkError) { network = try ModelLibrary.network(model.identity.name) } catch { throw FilterError.network(error) }
        let (seconds, fraction) = try await NetworkBenchmark.measure(network, on: device, size: shape).fastest.components
        let megapixels = Double(shape.width * shape.height * model.ratio * model.ratio) / 1e6
        return NetworkSpeed(
            of: device.description, network: model.identity,
            secondsPerMegapixel: (Double(seconds) + Double(fraction) * 1e-18) / megapixels)
    }
}

/// What `doctor` measured on the devices of this machine: a JSON file beside the compiled pipelines. A choice is made from
/// what stands there, never from a new measurement, so that the same device makes the same choice every day.
package struct SpeedRecord: Hashable, Sendable, Codable {
    package private(set) var speeds: [NetworkSpeed]

    package init(_ speeds: [NetworkSpeed] = []) { self.speeds = speeds }

    /// Reads the record of a folder; an absent one is empty.
    ///
    /// - Throws: what Foundation says of a file that cannot be read or is no such record.
    package init(folder: String) throws {
        let path = Self.path(folder)
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            return
        }
        self = try JSONDecoder().decode(SpeedRecord.self, from: Data(contentsOf: URL(filePath: path)))
    }

    /// Where the record of a folder stands.
    package static func path(_ folder: String) -> String { folder + "/network-speeds.json" }

    /// What was measured on a device with the same driver and the same network.
    package func speed(of device: DeviceDescription, network: ModelIdentity) -> NetworkSpeed? {
        speeds.first {
            ($0.device, $0.driver, $0.apiVersion) == (device.name, device.driver, device.apiVersion) && $0.network == network
        }
    }

    /// Puts a measurement in the place of older ones of that device.
    package mutating func set(_ speed: NetworkSpeed) {
        speeds.removeAll { ($0.device, $0.driver, $0.apiVersion) == (speed.device, speed.driver, speed.apiVersion) }
        speeds.append(speed)
    }

    /// Writes the record; the folder is created when absent.
    package func write(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(filePath: Self.path(folder)), options: .atomic)
    }
}
