package import ColorScience
package import Picture

/// How the picture's colour travels from source to output.
package struct ColorPlan: Hashable, Sendable, Codable {
    /// What the source is taken to be, with a record of every guess.
    package var input: InferredColor
    /// To what the input is brought before the first filter; its own tags when nothing is converted there.
    package var working: ColorTags
    /// What happens at the input.
    package var inputConversion: InputConversion
    /// What happens between working and output colour.
    package var outputConversion: OutputConversion
    package var output: ColorTags
    /// HDR format and static metadata of an output whose colour is asked for; nil for SDR, and for HDR that passes as it
    /// is, whose own metadata stays.
    package var hdr: HDRSignal?
    /// What the job states of the source, whatever its pictures say; nil in plans of earlier releases.
    package var statedInput: ColorTags?

    /// Whether the source's static metadata hold for what is not stated anew: HDR whose light passes as it is.
    package var keepsMetadata: Bool {
        guard output.isHDR, outputConversion == .none else { return false }
        return hdr.map { $0.keepsSource == true && ($0.masteringDisplay == nil || $0.lightLevel == nil) } ?? true
    }

    package enum InputConversion: Hashable, Sendable, Codable {
        /// The numbers stay.
        case none
        /// SDR to the working SDR.
        case colorimetric
        /// HDR to SDR, in cd/m²: `peakLuminance` of the SDR, `sourcePeakLuminance` of the source as the profile states it.
        case toneMapping(ProcessingOptions.ToneMapping, peakLuminance: Double, sourcePeakLuminance: Double?)
    }

    package enum OutputConversion: Hashable, Sendable, Codable {
        /// The output is what the pipeline works in.
        case none
        /// The numbers stay, only their meaning is written anew.
        case tagsOnly
        /// SDR to SDR of another colorimetry, or HDR to HDR.
        case colorimetric
        /// Learned SDR to HDR; peak in cd/m², saturation boost 1 = none, highlight reconstruction and local modulation 0 = none.
        case infiniteHDR(peakLuminance: Double, saturationBoost: Double, highlightReconstruction: Double, localModulation: Double)
        /// Analytic SDR to HDR; white and peak in cd/m².
        case inverseToneMapping(ProcessingOptions.InverseToneMapping, whiteLuminance: Double, peakLuminance: Double)
    }
}

/// An HDR format and the static metadata asserted with it.
package struct HDRSignal: Hashable, Sendable, Codable {
    package var format: ProcessingOptions.HDRFormat
    /// Largest light of the picture, in cd/m².
    package var peakLuminance: Double
    /// HDR10 only.
    package var masteringDisplay: MasteringDisplay?
    /// HDR10 only; the asserted levels, beside which the measured ones are reported. Nil when the profile names none.
    package var lightLevel: ContentLightLevel?
    /// Whether the source's word stands for each of the two that is not stated here. Nil, as in plans of earlier releases, means
    /// no.
    package var keepsSource: Bool?
}
