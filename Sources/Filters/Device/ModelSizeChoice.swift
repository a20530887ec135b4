package import GPU

/// Which size of the scaler's networks jobs are planned with, and why.
package struct ModelSizeChoice: Hashable, Sendable {
    package let size: ModelSize
    /// For logs and `doctor`.
    package let reason: String

    /// What the operator asked for; else what `doctor` measured on the device; else by the device's kind, the larger
    /// networks for one with memory of its own.
    ///
    /// - Parameters:
    ///   - asked: nil for a choice of its own.
    ///   - device: nil where this process has none.
    package init(asked: ModelSize?, device: DeviceDescription?, record: SpeedRecord, models: FilterModels) {
        if let asked {
            self.init(asked, "as configured")
        } else if let yardstick = models.yardstick {
            self = Self.fitting(device, record, yardstick.identity)
        } else {
            self.init(.cpu, "there are no larger networks")
        }
    }

    private init(_ size: ModelSize, _ reason: String) {
        self.size = size
        self.reason = reason
    }

    private static func fitting(_ device: DeviceDescription?, _ record: SpeedRecord, _ network: ModelIdentity) -> ModelSizeChoice {
        guard let device else {
            return ModelSizeChoice(.cpu, "this process has no Vulkan device; where workers have fast ones, set the size")
        }
        if let speed = record.speed(of: device, network: network) {
            let time = (speed.secondsPerMegapixel * 10_000).rounded() / 10_000
            return ModelSizeChoice(
                speed.size, "doctor measured \(time) s a megapixel of \(network.name) on \(device.name), limit \(NetworkSpeed.limit)")
        }
        return switch device.kind {
        case .discrete, .virtual: ModelSizeChoice(.gpu, "\(device.name) is a GPU that doctor has not measured")
        case .cpu, .integrated, .other: ModelSizeChoice(.cpu, "\(device.name) is no discrete GPU and doctor has not measured it")
        }
    }
}
