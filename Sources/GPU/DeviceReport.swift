/// What `remaster doctor` says about the devices of this machine.
package struct DeviceReport: Sendable, Equatable {
    /// One device, and whether the product can use it.
    package struct Entry: Sendable, Equatable {
        package let description: DeviceDescription
        /// Whether this is the device that the selection means.
        package let isSelected: Bool
        /// One line in words.
        package let verdict: String
        /// What would help; nil when nothing is wrong.
        package let mend: String?
    }

    package let entries: [Entry]
    /// Why no device can be used; nil when the selected one can.
    package let failure: String?

    /// Looks at the machine. Never throws: what is wrong is what it reports.
    package static func make(selection: DeviceSelection = .best) -> DeviceReport {
        do throws(GPUError) {
            return DeviceReport(devices: try Instance().devices, selection: selection)
        } catch {
            return DeviceReport(entries: [], failure: "no Vulkan device (\(error)); install a driver, such as mesa-vulkan-drivers")
        }
    }

    init(entries: [Entry], failure: String?) {
        self.entries = entries
        self.failure = failure
    }

    init(devices: [DeviceDescription], selection: DeviceSelection) {
        var chosen: Int?
        var failure: String?
        do throws(GPUError) {
            chosen = try selection.pick(from: devices).index
        } catch {
            failure =
                switch error {
                case .unknownDevice(let wish, let available):
                    "REMASTER_VULKAN_DEVICE=\(wish) names no device; there are: \(available.joined(separator: ", "))"
                case .unsuitableDevice(let name, let missing): "\(name) lacks \(missing.joined(separator: ", "))"
                default: "no Vulkan device; install a driver, such as mesa-vulkan-drivers"
                }
        }
        entries = devices.map { Self.judge($0, isSelected: $0.index == chosen) }
        self.failure = failure
    }

    private static func judge(_ device: DeviceDescription, isSelected: Bool) -> Entry {
        guard device.missing.isEmpty else {
            return Entry(
                description: device, isSelected: isSelected, verdict: "cannot be used: lacks \(device.missing.joined(separator: ", "))",
                mend: "update the driver or choose another device")
        }
        let precision = device.features.float16 && device.features.storage16Bit ? "16-bit and 32-bit float" : "32-bit float"
        if device.kind == .cpu {
            return Entry(
                description: device, isSelected: isSelected, verdict: "works, in software on the processor (\(precision)): slow",
                mend: "for real speed use a machine with a GPU and its Vulkan driver")
        }
        return Entry(description: device, isSelected: isSelected, verdict: "works (\(precision))", mend: nil)
    }
}
