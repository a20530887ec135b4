package import Primitives

/// A processing configuration that every installation has and nobody can change.
package struct BuiltInConfiguration: Hashable, Sendable {
    package let id: ID<Configuration>
    package let name: String
    package let description: String
    package let options: ProcessingOptions

    /// All of them.
    package static let all: [BuiltInConfiguration] = [liveActionHDR10].compactMap(\.self)

    /// High-definition SDR to 4K HDR10 at 800 cd/m², 10-bit HEVC in MOV: the platform's headline recipe.
    private static let liveActionHDR10: BuiltInConfiguration? = ID("5a76dfdd-ab15-4137-b919-e7a0f256a5d6").map { id in
        BuiltInConfiguration(
            id: id, name: "HQ live action, enhanced, 4K, HDR10",
            description: "Progressive HD in SDR to 4K HDR10: restored and enlarged with detail, expanded to 800 nits.",
            options: ProcessingOptions(
                encodingConfiguration: .init(codec: .hevc, pixelFormat: .init(yuv: .yuv420, bitDepth: .ten)), container: .mov,
                filters: .init(scaler: .dvres2), filterSettings: .init(dvres2Variant: .fineTuning, resolution: .init(tag: .uhd4K)),
                processingSettings: .init(
                    inputColorSpaceConversion: .init(mappingMode: .sourcePriority, metadataOnly: true),
                    outputColorSpaceConversion: .init(
                        mappingMode: .strictUser,
                        colorProfile: .init(
                            colorSpace: .bt2020NC, colorPrimaries: .bt2020, transferCharacteristics: .smpte2084, colorRange: .limited,
                            hdrFormat: .hdr10, masteringDisplay: .init(tag: .p3D65, minLuminance: 0.005, maxLuminance: 800),
                            maxCll: 800, maxFall: 200),
                        metadataOnly: false, inverseToneMapper: .init(algorithm: .infiniteHDR, saturationBoost: 1.25)))))
    }
}
