/// MaxCLL and MaxFALL (CTA-861.3) as coded: whole cd/m²; 0 means unknown.
package struct CodedLightLevel: Hashable, Sendable, Codable {
    /// Largest max(R, G, B) of any pixel of the programme, in cd/m².
    package let maxCLL: UInt16
    /// Largest frame average of max(R, G, B), in cd/m².
    package let maxFALL: UInt16

    package init(maxCLL: UInt16, maxFALL: UInt16) {
        self.maxCLL = maxCLL
        self.maxFALL = maxFALL
    }
}

/// The metadata that makes PQ video HDR10; either half may be absent.
package struct StaticHDRMetadata: Hashable, Sendable, Codable {
    package var masteringDisplay: CodedMasteringDisplay?
    package var lightLevel: CodedLightLevel?

    package init(masteringDisplay: CodedMasteringDisplay? = nil, lightLevel: CodedLightLevel? = nil) {
        self.masteringDisplay = masteringDisplay
        self.lightLevel = lightLevel
    }

    package static let none = StaticHDRMetadata()
}
