import ColorScience
import Domain
import Filters
import Media
import Picture

extension ColorConversion {
    /// The brightest light a source without a statement of its own is taken to hold, cd/m²: the mastering peak that most
    /// PQ programmes are made for, and HLG's nominal peak (BT.2100).
    private static let customarySourcePeak = 1000.0

    /// The tone mapping that stands at the front, in a program of its own, because the light is converted again later; nil
    /// where one program does all.
    static func first(_ color: ColorPlan, source: StaticHDRMetadata) -> ColorConversion? {
        guard case .toneMapping(let algorithm, let peak, let stated) = color.inputConversion else { return nil }
        return switch color.outputConversion {
        case .none, .tagsOnly, .colorimetric: nil
        case .infiniteHDR, .inverseToneMapping:
            .toneMap(ToneCurve(algorithm), sourcePeak: Self.peak(stated: stated, source), outputLuminance: peak)
        }
    }

    /// The conversion of the job's last program.
    ///
    /// - Parameter source: what the file says of its own light.
    init(_ color: ColorPlan, source: StaticHDRMetadata) throws(PipelineError) {
        if case .toneMapping(let algorithm, let peak, let stated) = color.inputConversion,
            Self.first(color, source: source) == nil
        {
            self = .toneMap(ToneCurve(algorithm), sourcePeak: Self.peak(stated: stated, source), outputLuminance: peak)
            return
        }
        switch color.outputConversion {
        case .none, .tagsOnly: self = color.inputConversion == .none ? .none : .convert
        case .colorimetric: self = .convert
        case .infiniteHDR(let peak, let saturationBoost, let highlights, let local):
            self = .infiniteHDR(peakLuminance: peak, saturationBoost: saturationBoost, highlights: highlights, local: local)
        case .inverseToneMapping(let algorithm, let white, let peak):
            guard let curve = ToneCurve(algorithm) else {
                throw .stageUnavailable(step: "INFINITEHDR as a curve", available: ["LINEAR", "HABLE", "REINHARD", "MOBIUS"])
            }
            self = .inverseToneMap(curve, whiteLuminance: white, peakLuminance: peak)
        }
    }

    /// The profile's word, else MaxCLL, else the mastering display's peak, else the customary one.
    private static func peak(stated: Double?, _ source: StaticHDRMetadata) -> Double {
        if let stated, stated > 0 { return stated }
        if let level = source.lightLevel, level.maxCLL > 0 { return Double(level.maxCLL) }
        if let display = source.masteringDisplay, display.maxLuminance > 0 { return Double(display.maxLuminance) / 10_000 }
        return customarySourcePeak
    }
}

extension ToneCurve {
    fileprivate init(_ algorithm: ProcessingOptions.ToneMapping) {
        self =
            switch algorithm {
            case .linear: .linear
            case .clip: .clip
            case .hable: .hable
            case .reinhard: .reinhard
            case .mobius: .mobius
            }
    }

    /// Nil for the learned mapping, which is a conversion of its own.
    fileprivate init?(_ algorithm: ProcessingOptions.InverseToneMapping) {
        switch algorithm {
        case .linear: self = .linear
        case .hable: self = .hable
        case .reinhard: self = .reinhard
        case .mobius: self = .mobius
        case .infiniteHDR: return nil
        }
    }
}

extension StaticHDRMetadata {
    /// What the output asserts: what was asked for; of HDR that passes as it is, what the source says beside; of SDR nothing.
    init(of color: ColorPlan, source: StaticHDRMetadata) {
        let kept: StaticHDRMetadata = color.keepsMetadata ? source : .none
        let display = color.hdr?.masteringDisplay.map { display in
            CodedMasteringDisplay(
                red: (display.primaries.red.x, display.primaries.red.y), green: (display.primaries.green.x, display.primaries.green.y),
                blue: (display.primaries.blue.x, display.primaries.blue.y),
                white: (display.primaries.white.x, display.primaries.white.y),
                maxLuminance: display.maximumLuminance, minLuminance: display.minimumLuminance)
        }
        let level = color.hdr?.lightLevel.map { CodedLightLevel(maxCLL: UInt16($0.maxCLL), maxFALL: UInt16($0.maxFALL)) }
        self.init(masteringDisplay: display ?? kept.masteringDisplay, lightLevel: level ?? kept.lightLevel)
    }
}
