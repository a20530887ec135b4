import ColorScience
package import Picture
import Primitives

/// Works out the colour plan of a job: what the source is, what the pipeline works in, what the output becomes.
struct ColorResolver {
    let source: SourceFormat
    let settings: ProcessingOptions.ProcessingSettings?
    /// Stored size and rate of the output, for the guess by resolution.
    let outputSize: PictureSize
    let outputFrameRate: Rational?
    let codec: OutputCodec
    let problems: ProblemCollector

    /// The light that `outputNits` asks for, in cd/m²: 0 says nothing.
    private static func luminance(_ outputNits: Double?) -> Double {
        if let outputNits, outputNits > 0 { outputNits } else { 100 }
    }

    private static let inputField = "processingSettings.inputColorSpaceConversion"
    private static let outputField = "processingSettings.outputColorSpaceConversion"

    func resolve() -> ColorPlan {
        let (input, stated) = resolvedInput()
        let (working, inputConversion) = resolvedWorking(input.tags)
        guard let wish = settings?.outputColorSpaceConversion else {
            return ColorPlan(
                input: input, working: working, inputConversion: inputConversion, outputConversion: .none, output: coded(working), hdr: nil,
                statedInput: stated)
        }
        let output = resolvedOutput(wish, working: working)
        checkRange(wish, output)
        let outputConversion = conversion(wish, from: working, to: output)
        return ColorPlan(
            input: input, working: working, inputConversion: inputConversion, outputConversion: outputConversion, output: coded(output),
            hdr: signal(wish.colorProfile, output, keepsLight: outputConversion == .none), statedInput: stated)
    }

    // MARK: Input

    /// The tags of the source, and those of them that come from the job and not from the file.
    private func resolvedInput() -> (used: InferredColor, stated: ColorTags) {
        let file = source.tags
        var (tags, stated) = (file, ColorTags.unspecified)
        if let wish = settings?.inputColorSpaceConversion {
            let user = wish.colorProfile?.tags ?? .unspecified
            check(wish.colorProfile, kind: .inputColorConversion, field: Self.inputField)
            switch wish.mappingMode {
            case .strictUser:
                requireComplete(user, kind: .inputColorConversion, field: Self.inputField)
                (tags, stated) = (user, user)
                tags.siting = file.siting
            case .sourcePriority: tags = file.completed(by: user)
            case .userPriority: (tags, stated) = (user.completed(by: file), user)
            case .resolutionOnly: tags = ColorTags(siting: file.siting)
            }
        }
        let used = InferredColor(tags: tags, format: source.format, size: source.size, frameRate: source.frameRate)
        if settings?.inputColorSpaceConversion?.mappingMode == .resolutionOnly { stated = used.tags }
        return (used, stated)
    }

    private func resolvedWorking(_ input: ColorTags) -> (ColorTags, ColorPlan.InputConversion) {
        guard let wish = settings?.inputColorSpaceConversion, wish.metadataOnly != true else { return (input, .none) }
        var working = input.primaries == .bt2020 ? ColorTags.bt2020SDR : ColorTags.bt709
        working.siting = input.siting
        if input.isHDR {
            guard let mapper = wish.toneMapper else {
                problems.add(
                    Problem(
                        .inputColorConversion, field: Self.inputField + ".toneMapper", actual: nil,
                        "is required: the source is HDR and the pipeline's colour is SDR"))
                return (input, .none)
            }
            return (
                working,
                .toneMapping(
                    mapper.algorithm, peakLuminance: Self.luminance(mapper.outputNits),
                    sourcePeakLuminance: wish.colorProfile?.peakLuminance)
            )
        }
        return input == working ? (input, .none) : (working, .colorimetric)
    }

    // MARK: Output

    private func resolvedOutput(_ wish: ProcessingOptions.OutputColorSpaceConversion, working: ColorTags) -> ColorTags {
        let file = source.tags
        let user = wish.colorProfile?.tags ?? .unspecified
        check(wish.colorProfile, kind: .outputColorConversion, field: Self.outputField)
        switch wish.mappingMode {
        case .strictUser:
            requireComplete(user, kind: .outputColorConversion, field: Self.outputField)
            return user.completed(by: working)
        case .inputPriority: return working
        case .sourcePriority: return file.completed(by: user).completed(by: working)
        case .userPriority: return user.completed(by: file).completed(by: working)
        case .resolutionOnly:
            let tags = ColorTags(siting: working.siting)
            return InferredColor(tags: tags, format: source.format, size: outputSize, frameRate: outputFrameRate).tags
        }
    }

    private func conversion(
        _ wish: ProcessingOptions.OutputColorSpaceConversion, from working: ColorTags, to output: ColorTags
    ) -> ColorPlan.OutputConversion {
        let mapperField = Self.outputField + ".inverseToneMapper"
        if wish.metadataOnly == true { return working == output ? .none : .tagsOnly }
        if let mapper = wish.inverseToneMapper, !output.isHDR {
            problems.add(
                Problem(
                    .outputColorConversion, field: mapperField, actual: mapper.algorithm.rawValue,
                    "makes HDR, but the output's transfer is SDR; give hdrFormat, or transferCharacteristics SMPTE2084 or ARIB_STD_B67"))
            return .none
        }
        switch (working.isHDR, output.isHDR) {
        case (false, true):
            guard let mapper = wish.inverseToneMapper else {
                problems.add(
                    Problem(
                        .outputColorConversion, field: mapperField, actual: nil,
                        "is required: the picture is SDR and the output HDR"))
                return .none
            }
            let peak = wish.colorProfile?.peakLuminance ?? ProcessingOptions.ColorProfile.customaryPeakLuminance
            if mapper.algorithm == .infiniteHDR {
                return .infiniteHDR(
                    peakLuminance: peak, saturationBoost: mapper.saturationBoost ?? 1.25,
                    highlightReconstruction: mapper.highlightReconstruction
                        ?? ProcessingOptions.InverseToneMapper.customaryHighlightReconstruction,
                    localModulation: mapper.localModulation ?? ProcessingOptions.InverseToneMapper.customaryLocalModulation)
            }
            return .inverseToneMapping(mapper.algorithm, whiteLuminance: Self.luminance(mapper.outputNits), peakLuminance: peak)
        case (true, false):
            problems.add(
                Problem(
                    .outputColorConversion, field: Self.outputField, actual: nil,
                    "cannot make SDR of an HDR picture; map it at the input, with inputColorSpaceConversion.toneMapper"))
            return .none
        case (false, false), (true, true):
            if let mapper = wish.inverseToneMapper {
                problems.add(
                    Problem(
                        .outputColorConversion, field: mapperField, actual: mapper.algorithm.rawValue,
                        "makes HDR of SDR, and the picture is HDR already; leave it out, or map the source to SDR first with "
                            + "inputColorSpaceConversion.toneMapper"))
            }
            return working == output ? .none : .colorimetric
        }
    }

    /// - Parameter keepsLight: whether the output is what the pipeline works in: then the source's metadata are true of it. PQ10
    ///   that is asked for has none.
    private func signal(_ profile: ProcessingOptions.ColorProfile?, _ output: ColorTags, keepsLight: Bool) -> HDRSignal? {
        guard output.isHDR else { return nil }
        let format = profile?.hdrFormat ?? (output.transfer == .hlg ? .hlg : .pq10)
        let peak = profile?.peakLuminance ?? ProcessingOptions.ColorProfile.customaryPeakLuminance
        let keepsSource: Bool? = keepsLight && profile?.hdrFormat != .pq10 ? true : nil
        guard format == .hdr10, let profile else { return HDRSignal(format: format, peakLuminance: peak, keepsSource: keepsSource) }
        return HDRSignal(
            format: format, peakLuminance: peak,
            masteringDisplay: profile.masteringDisplay?.resolved(
                maxCll: profile.maxCll, field: Self.outputField + ".colorProfile.masteringDisplay", problems: problems),
            lightLevel: lightLevel(profile), keepsSource: keepsSource)
    }

    private func lightLevel(_ profile: ProcessingOptions.ColorProfile) -> ContentLightLevel? {
        guard profile.maxCll != nil || profile.maxFall != nil else { return nil }
        let (maxCLL, maxFALL) = (profile.maxCll ?? 0, profile.maxFall ?? 0)
        if profile.maxCll != nil, maxFALL > maxCLL {
            problems.add(
                Problem(
                    .outputColorConversion, field: Self.outputField + ".colorProfile.maxFall", actual: JSON.number(maxFALL).description,
                    "cannot be above maxCll, \(JSON.number(maxCLL))"))
        }
        return ContentLightLevel(maxCLL: Int(maxCLL.rounded()), maxFALL: Int(maxFALL.rounded()))
    }

    // MARK: Range

    /// What the codec can say of these tags: one that has no word for the range means limited range.
    private func coded(_ tags: ColorTags) -> ColorTags {
        var coded = tags.coded
        if !codec.namesRange { coded.range = .limited }
        return coded
    }

    /// A codec without a word for the range cannot say that it is full, neither because that is asked for nor because the
    /// numbers are to stay as they are.
    private func checkRange(_ wish: ProcessingOptions.OutputColorSpaceConversion, _ output: ColorTags) {
        guard !codec.namesRange, output.matrix != .identity, output.range == .full else { return }
        let allowed = OutputCodec.allCases.filter(\.namesRange).map(\.rawValue).joined(separator: ", ")
        if wish.colorProfile?.colorRange == .full {
            problems.add(
                Problem(
                    .outputColorConversion, field: Self.outputField + ".colorProfile.colorRange",
                    actual: ProcessingOptions.Range.full.rawValue,
                    "\(codec.rawValue) cannot say full range; allowed are LIMITED, and full range in \(allowed)"))
        } else if wish.metadataOnly == true {
            problems.add(
                Problem(
                    .outputColorConversion, field: Self.outputField + ".metadataOnly", actual: "true",
                    "keeps the numbers, which are full range, and \(codec.rawValue) cannot say so; allowed are metadataOnly false, a "
                        + "colorRange, and \(allowed)"))
        }
    }

    // MARK: Rules of profiles

    private func requireComplete(_ tags: ColorTags, kind: Problem.Kind, field: String) {
        let members: [(name: String, isMissing: Bool)] = [
            ("colorSpace", tags.matrix == .unspecified), ("colorPrimaries", tags.primaries == .unspecified),
            ("transferCharacteristics", tags.transfer == .unspecified), ("colorRange", tags.range == .unspecified),
        ]
        for member in members where member.isMissing {
            problems.add(
                Problem(kind, field: "\(field).colorProfile.\(member.name)", actual: nil, "is required by mappingMode STRICT_USER"))
        }
    }

    /// Every HDR format stands on BT.2020 in limited range and on one transfer function.
    private func check(_ profile: ProcessingOptions.ColorProfile?, kind: Problem.Kind, field: String) {
        guard let profile, let format = profile.hdrFormat else { return }
        let wanted: [(name: String, actual: String?, allowed: String)] = [
            ("colorSpace", profile.colorSpace?.rawValue, ProcessingOptions.ColorSpace.bt2020NC.rawValue),
            ("colorPrimaries", profile.colorPrimaries?.rawValue, ProcessingOptions.Primaries.bt2020.rawValue),
            ("transferCharacteristics", profile.transferCharacteristics?.rawValue, format.transfer.rawValue),
            ("colorRange", profile.colorRange?.rawValue, ProcessingOptions.Range.limited.rawValue),
        ]
        for member in wanted {
            guard let actual = member.actual, actual != member.allowed else { continue }
            problems.add(
                Problem(
                    kind, field: "\(field).colorProfile.\(member.name)", actual: actual,
                    "must be \(member.allowed) for hdrFormat \(format.rawValue)"))
        }
    }
}

extension ColorTags {
    /// BT.709 in limited range: the pipeline's SDR.
    package static let bt709 = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited)
    /// BT.2020 with its 10-bit SDR transfer in limited range: the pipeline's SDR for sources with BT.2020 primaries.
    package static let bt2020SDR = ColorTags(primaries: .bt2020, transfer: .bt2020TenBit, matrix: .bt2020NCL, range: .limited)

    /// Whether the transfer is one of the two of BT.2100.
    package var isHDR: Bool { transfer == .pq || transfer == .hlg }

    /// The same colour as Y′CbCr in limited range where these are R′G′B′: what every codec of the product stores.
    var coded: ColorTags {
        guard matrix == .identity else { return self }
        let matrix: MatrixCoefficients =
            switch primaries {
            case .bt2020: .bt2020NCL
            case .bt470BG: .bt470BG
            case .smpte170M: .smpte170M
            default: .bt709
            }
        return ColorTags(primaries: primaries, transfer: transfer, matrix: matrix, range: .limited, siting: siting)
    }

    /// Every unspecified tag taken from `other`.
    package func completed(by other: ColorTags) -> ColorTags {
        ColorTags(
            primaries: primaries == .unspecified ? other.primaries : primaries,
            transfer: transfer == .unspecified ? other.transfer : transfer,
            matrix: matrix == .unspecified ? other.matrix : matrix, range: range == .unspecified ? other.range : range,
            siting: siting == .unspecified ? other.siting : siting)
    }
}

extension ProcessingOptions.ColorProfile {
    /// The peak of an HDR output whose profile names none, in cd/m².
    package static let customaryPeakLuminance = 1000.0

    /// The profile's own peak: `maxCll`, else the mastering display's, in cd/m². 0 says nothing, as in CTA-861.3.
    var peakLuminance: Double? { [maxCll, masteringDisplay?.maxLuminance].compactMap { $0 }.first { $0 > 0 } }

    /// The profile's members as code points; what it does not say stays unspecified. An HDR format implies the members
    /// for which it allows one value only.
    package var tags: ColorTags {
        let own = ColorTags(
            primaries: colorPrimaries?.primaries ?? .unspecified, transfer: transferCharacteristics?.function ?? .unspecified,
            matrix: colorSpace?.matrix ?? .unspecified, range: colorRange?.range ?? .unspecified)
        guard let hdrFormat else { return own }
        return own.completed(
            by: ColorTags(primaries: .bt2020, transfer: hdrFormat.transfer.function, matrix: .bt2020NCL, range: .limited))
    }
}

extension ProcessingOptions.MasteringDisplay {
    /// The display with its defaults filled in; nil after a problem. Without a tag all four points are needed.
    func resolved(maxCll: Double?, field: String, problems: ProblemCollector) -> MasteringDisplay? {
        let minimum = minLuminance ?? 0.005
        let maximum = maxLuminance ?? maxCll ?? ProcessingOptions.ColorProfile.customaryPeakLuminance
        if minimum >= maximum {
            problems.add(
                Problem(
                    .outputColorConversion, field: field + ".minLuminance", actual: JSON.number(minimum).description,
                    "must be below maxLuminance, \(JSON.number(maximum))"))
        }
        switch tag {
        case .p3D65: return .p3D65(minimumLuminance: minimum, maximumLuminance: maximum)
        case .bt2020: return .bt2020(minimumLuminance: minimum, maximumLuminance: maximum)
        case nil: break
        }
        guard let red, let green, let blue, let whitePoint else {
            let points = [("red", red), ("green", green), ("blue", blue), ("whitePoint", whitePoint)]
            for (name, point) in points where point == nil {
                problems.add(
                    Problem(
                        .outputColorConversion, field: "\(field).\(name)", actual: nil, "is required when there is no tag (P3_D65, BT2020)")
                )
            }
            return nil
        }
        return MasteringDisplay(
            primaries: Primaries(
                red: red.chromaticity, green: green.chromaticity, blue: blue.chromaticity, white: whitePoint.chromaticity),
            minimumLuminance: minimum, maximumLuminance: maximum)
    }
}

extension ProcessingOptions.Point {
    var chromaticity: Chromaticity { Chromaticity(x, y) }
}
