import ArgumentParser
import Domain
import Filters
import Foundation
import GPU
import Media
import Networks

/// Whether this machine can do the work, and what to do where it cannot.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks Vulkan devices and their speed, encoders, PostgreSQL and disk; each with a verdict and the mend.")

    /// One thing that was looked at.
    struct Check: Encodable {
        enum Verdict: String, Encodable { case good, usable, missing }

        let name: String
        let verdict: Verdict
        let found: String
        /// What to do about it; absent when nothing is wanted.
        let mend: String?
    }

    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var settings: SettingFlags

    func run() async throws {
        let configuration = try settings.configuration()
        var checks = deviceChecks(configuration.vulkanDevice)
        checks.append(contentsOf: encoderChecks())
        checks.append(await postgresCheck(configuration))
        checks.append(diskCheck(configuration.storageDirectory))
        checks.append(modelCheck())
        checks.append(await sizeCheck(configuration))
        checks.append(contentsOf: capabilityChecks())
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(checks), as: UTF8.self))
        } else {
            for check in checks {
                print("\(check.verdict.rawValue.uppercased())  \(check.name): \(check.found)")
                if let mend = check.mend { print("      → \(mend)") }
            }
        }
        if checks.contains(where: { $0.verdict == .missing }) { throw ExitCode(1) }
    }

    private func deviceChecks(_ selection: String) -> [Check] {
        let report = DeviceReport.make(selection: DeviceSelection(selection))
        var checks = report.entries.map { entry in
            let device = entry.description
            let verdict: Check.Verdict = entry.mend == nil ? .good : .usable
            return Check(
                name: "Vulkan device \(device.index)\(entry.isSelected ? " (used)" : "")", verdict: verdict,
                found:
                    "\(device.name), driver \(device.driver), API \(device.apiVersion), \(device.memoryBytes >> 20) MiB: \(entry.verdict)",
                mend: entry.mend)
        }
        if let failure = report.failure {
            checks.append(
                Check(
                    name: "Vulkan", verdict: .missing, found: failure,
                    mend: "apt-get install mesa-vulkan-drivers for a CPU device; in a container, pass the GPU in"))
        }
        return checks
    }

    /// Measures the device with the largest network, records it, and says which size it gets.
    private func sizeCheck(_ configuration: Configuration) async -> Check {
        let name = "Network size"
        do {
            let models = try FilterModels.bundled()
            let folder = Caches.speeds(dataDirectory: configuration.dataDirectory)
            let device = try Instance().openDevice(DeviceSelection(configuration.vulkanDevice))
            _ = try await NetworkSizing.measure(device, folder: folder, models: models)
            let choice = ModelSizeChoice(
                asked: configuration.networkSize, device: device.description, record: try SpeedRecord(folder: folder), models: models)
            return Check(name: name, verdict: .good, found: "\(choice.size.rawValue): \(choice.reason)", mend: nil)
        } catch {
            return Check(name: name, verdict: .usable, found: "\(error)", mend: "set \(Setting.networkSize.variable) to cpu or gpu")
        }
    }

    private func encoderChecks() -> [Check] {
        MediaLibrary.encoders.map { encoder in
            Check(
                name: "Encoder \(encoder.name)", verdict: encoder.isAvailable ? .good : .missing,
                found: encoder.isAvailable ? MediaLibrary.version : "absent from this FFmpeg",
                mend: encoder.isAvailable ? nil : "install an FFmpeg that has \(encoder.name) (Debian: apt-get install libavcodec59)")
        }
    }

    /// The same list as `GET /v1/capabilities`.
    private func capabilityChecks() -> [Check] {
        Capabilities.current.options.map { option in
            let missing = option.missing.joined(separator: ", ")
            return Check(
                name: "Option \(option.name)", verdict: option.missing.isEmpty ? .good : .usable,
                found: option.available.isEmpty ? "none available" : option.available.joined(separator: ", "),
                mend: option.missing.isEmpty ? nil : "refused with 400 by this build: \(missing)")
        }
    }

    private func modelCheck() -> Check {
        do {
            let models = try FilterModels.bundled()
            let others = [models.chroma?.identity.name, models.infiniteHDR?.name, models.deinterlacing?.name]
            let names = models.scaling.map(\.identity.name) + others.compactMap { $0 }
            return Check(name: "Networks", verdict: .good, found: names.joined(separator: ", "), mend: nil)
        } catch {
            return Check(name: "Networks", verdict: .missing, found: "\(error)", mend: "rebuild with the files of Models/")
        }
    }
}
