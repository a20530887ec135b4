package import ColorScience
package import Filters
package import Media
import Picture
package import Primitives

/// What a job did, for the person who has to trust its file. No wall-clock time and no identifier of a run: two runs of
/// the same job on the same device write the same report.
package struct JobReport: Codable, Sendable {
    package static let currentFormat = "remaster-report/1"

    package struct DeviceFacts: Codable, Hashable, Sendable {
        package let name: String
        package let driver: String
        package let apiVersion: String

        package init(name: String, driver: String, apiVersion: String) {
            self.name = name
            self.driver = driver
            self.apiVersion = apiVersion
        }
    }

    /// In cd/m², by CTA-861.3: over the coded values of the whole frame, black bars included.
    package struct Levels: Codable, Hashable, Sendable {
        package let maxCLL: Double
        package let maxFALL: Double
        package let percentile9999: Double?
    }

    /// The light levels the metadata asserts beside those the pixels have.
    package struct LightLevels: Codable, Hashable, Sendable {
        package let asserted: Levels?
        package let measured: Levels?
    }

    package let format: String
    package let source: PlannedSource
    package let frames: FrameRange
    package let segmentCount: Int
    /// Steps before the last program of the device, in order.
    package let links: [String]
    package let stages: [PictureStage]
    package let networks: [ModelIdentity]
    package let devices: [DeviceFacts]
    package let lightLevels: LightLevels
    package let shots: Int?
    package let assembly: AssemblyReport
    package let delivery: DeliveryFacts
    package let sha256: String
    package let warnings: [String]

    package init(
        plan: JobPlan, devices: [DeviceFacts], light: LightLevelMeter?, shots: Int?, notes: SourceNotes, assembly: AssemblyReport,
        delivery: DeliveryFacts, sha256: String
    ) {
        format = Self.currentFormat
        source = plan.source
        frames = plan.frames
        segmentCount = plan.segments.count
        links = plan.links.map(\.name)
        stages = plan.programs.flatMap(\.stages)
        networks = plan.networks
        self.devices = devices
        let asserted = plan.encoder.hdr.lightLevel.map {
            Levels(maxCLL: Double($0.maxCLL), maxFALL: Double($0.maxFALL), percentile9999: nil)
        }
        let measured = light.map {
            Levels(
                maxCLL: Double($0.contentLightLevel.maxCLL), maxFALL: Double($0.contentLightLevel.maxFALL),
                percentile9999: $0.percentile9999)
        }
        lightLevels = LightLevels(asserted: asserted, measured: measured)
        self.shots = shots
        self.assembly = assembly
        self.delivery = delivery
        self.sha256 = sha256
        var warnings: [String] = []
        if let asserted, let measured {
            if measured.maxCLL > asserted.maxCLL {
                warnings.append("measured MaxCLL \(measured.maxCLL) cd/m² is above the asserted \(asserted.maxCLL)")
            }
            if measured.maxFALL > asserted.maxFALL {
                warnings.append("measured MaxFALL \(measured.maxFALL) cd/m² is above the asserted \(asserted.maxFALL)")
            }
        }
        if plan.source.layout.format.hasAlpha {
            warnings.append("the source's transparency is dropped: no codec of the product stores it")
        }
        warnings += notes.warnings(for: plan)
        if delivery.problems.contains(.bufferUnderflows) {
            warnings.append("some pictures are too large for a decoder's buffer at the rate of the format (ISO/IEC 13818-2 Annex C)")
        }
        if delivery.problems.contains(.aspectDiffers) {
            warnings.append(
                "samples of \(plan.encoder.sampleAspectRatio) were asked for, and the file says \(delivery.picture.sampleAspectRatio): the "
                    + "nearest that its codec can write")
        }
        for decision in assembly.decisions {
            guard let layout = decision.assumedLayout else { continue }
            warnings.append(
                "the source does not name the channels of its stream \(decision.sourceStream): the rendition marks them as \(layout)")
        }
        for decision in assembly.decisions where decision.reason == .noParameters {
            warnings.append(
                "the source's stream \(decision.sourceStream) (\(decision.codecName)) is left out: no packet of it tells its sampling rate "
                    + "and channels")
        }
        warnings += assembly.decisions.flatMap(\.soundWarnings)
        if delivery.problems.contains(.soundEndDiffers) {
            warnings.append("some track of sound does not end where the source's sound does: check it against the picture")
        }
        for omission in assembly.omissions ?? [] {
            warnings.append(Self.warning(of: omission, plan.container))
        }
        self.warnings = warnings
    }

    private static func warning(of omission: AssemblyReport.Omission, _ container: RenditionContainer) -> String {
        let thing =
            switch omission {
            case .chapters: "chapters"
            case .timecode, .timecodeRate, .timecodeAddress: "timecode"
            case .staticHDRMetadata: "HDR metadata"
            case .lightLevels: "light levels (MaxCLL, MaxFALL)"
            }
        let reason =
            switch omission {
            case .timecodeRate: "the rendition's frame rate is no whole multiple of the one that it counts at"
            case .timecodeAddress: "it has no address that is valid at the rate it counts at"
            case .chapters, .timecode, .staticHDRMetadata, .lightLevels: "\(container.displayName) has no place for them here"
            }
        return "the source's \(thing) cannot be kept: \(reason)"
    }
}
