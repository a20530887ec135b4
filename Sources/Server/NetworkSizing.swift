import Filters
import GPU

/// Which size of networks this process plans with. The plan names each network, so that every worker of a job runs the same.
enum NetworkSizing {
    /// A record that cannot be read: which file, why, and the mend.
    struct Problem: Error, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "\(path) is no record of network speeds (\(reason)); `remaster doctor` writes a new one" }
    }

    /// - Parameters:
    ///   - asked: nil for a choice by the device.
    ///   - selection: of the Vulkan device; it is looked at, not opened.
    ///   - folder: of what `doctor` recorded; nil for none.
    static func choose(asked: ModelSize?, selection: String, folder: String?, models: FilterModels) throws -> ModelSizeChoice {
        if asked != nil { return ModelSizeChoice(asked: asked, device: nil, record: SpeedRecord(), models: models) }
        let device = DeviceReport.make(selection: DeviceSelection(selection)).entries.first(where: \.isSelected)?.description
        return ModelSizeChoice(asked: nil, device: device, record: try record(folder), models: models)
    }

    private static func record(_ folder: String?) throws -> SpeedRecord {
        guard let folder else { return SpeedRecord() }
        do { return try SpeedRecord(folder: folder) } catch {
            throw Problem(path: SpeedRecord.path(folder), reason: "\(error)")
        }
    }

    /// Measures the device and records the result, in place of an earlier one.
    ///
    /// - Returns: nil where there is nothing to choose.
    static func measure(_ device: Device, folder: String?, models: FilterModels) async throws -> NetworkSpeed? {
        guard let speed = try await NetworkSpeed.measure(on: device, models: models), let folder else { return nil }
        var record = (try? SpeedRecord(folder: folder)) ?? SpeedRecord()
        record.set(speed)
        try record.write(folder: folder)
        return speed
    }

    /// The words of a flag or a variable: `auto`, `cpu` or `gpu`.
    static let allowed = "auto, " + ModelSize.allCases.map(\.rawValue).joined(separator: " or ")

    /// - Returns: nil in the outer optional for a word that is none of these; in the inner one for `auto`.
    static func size(_ word: String?) -> ModelSize?? {
        switch word ?? "auto" {
        case "auto": .some(nil)
        case let word: ModelSize(rawValue: word).map { .some($0) }
        }
    }
}
