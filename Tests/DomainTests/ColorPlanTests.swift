import ColorScience
import Domain
import Picture
import Primitives
import Testing

@Suite struct ColorPlanTests {
    typealias Profile = ProcessingOptions.ColorProfile

    /// Everything that can be planned counts as available, so that rules alone decide.
    private static let everything = {
        var capabilities = Capabilities.current
        capabilities.toneMappings = ProcessingOptions.ToneMapping.allCases
        capabilities.inverseToneMappings = ProcessingOptions.InverseToneMapping.allCases
        capabilities.hdrFormats = ProcessingOptions.HDRFormat.allCases
        capabilities.convertsColorimetry = true
        return capabilities
    }()

    private func plan(
        _ settings: ProcessingOptions.ProcessingSettings, source: SourceFormat = .make(1280, 720),
        encoding: ProcessingOptions.EncodingConfiguration? = nil
    ) throws -> ColorPlan {
        try ProcessingOptions(encodingConfiguration: encoding, processingSettings: settings)
            .validated(for: source, capabilities: Self.everything).color
    }

    private func output(
        _ mode: ProcessingOptions.OutputMappingMode, _ profile: Profile?, mapper: ProcessingOptions.InverseToneMapper? = nil
    ) -> ProcessingOptions.ProcessingSettings {
        .init(outputColorSpaceConversion: .init(mappingMode: mode, colorProfile: profile, inverseToneMapper: mapper))
    }

    private static let bt601 = ColorTags(primaries: .bt470BG, transfer: .smpte170M, matrix: .bt470BG, range: .limited)
    private static let pq = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited)

    @Test("Whose word counts, by mapping mode") func priorities() throws {
        let user = Profile(colorSpace: .bt709, colorPrimaries: .bt709, transferCharacteristics: .bt709, colorRange: .full)
        func input(_ mode: ProcessingOptions.InputMappingMode, _ tags: ColorTags) throws -> ColorTags {
            try plan(
                .init(inputColorSpaceConversion: .init(mappingMode: mode, colorProfile: user, metadataOnly: true)),
                source: .make(720, 576, tags: tags)
            ).input.tags
        }
        #expect(try input(.sourcePriority, Self.bt601).matrix == .bt470BG)
        #expect(try input(.userPriority, Self.bt601).matrix == .bt709)
        #expect(try input(.strictUser, Self.bt601).range == .full)
        #expect(try input(.sourcePriority, .unspecified).matrix == .bt709)
        #expect(try input(.resolutionOnly, .bt709).matrix == .bt470BG, "720×576 at 25 fps is BT.601, whatever the tags say")
    }

    @Test("A strict profile must be complete; every missing member is named") func strictUser() throws {
        let found = try problems {
            _ = try plan(
                .init(
                    inputColorSpaceConversion: .init(mappingMode: .strictUser, colorProfile: .init(colorSpace: .bt709)),
                    outputColorSpaceConversion: .init(mappingMode: .strictUser)))
        }
        #expect(found.filter { $0.kind == .inputColorConversion }.count == 3)
        #expect(found.filter { $0.kind == .outputColorConversion }.count == 4)
    }

    @Test("An input conversion brings BT.601 to BT.709 and leaves BT.709 alone") func inputConversion() throws {
        let settings = ProcessingOptions.ProcessingSettings(inputColorSpaceConversion: .init(mappingMode: .sourcePriority))
        let converted = try plan(settings, source: .make(720, 576, tags: Self.bt601))
        #expect(converted.inputConversion == .colorimetric)
        #expect(converted.working.primaries == .bt709 && converted.output.primaries == .bt709)
        #expect(try plan(settings).inputConversion == .none)
    }

    @Test("HDR sources need a tone mapper at the input") func toneMapping() throws {
        let source = SourceFormat.make(3840, 2160, format: .yuv420p10, tags: Self.pq)
        let found = try problems { _ = try plan(.init(inputColorSpaceConversion: .init(mappingMode: .sourcePriority)), source: source) }
        #expect(found.map(\.field) == ["processingSettings.inputColorSpaceConversion.toneMapper"])
        var settings = ProcessingOptions.ProcessingSettings(
            inputColorSpaceConversion: .init(mappingMode: .sourcePriority, toneMapper: .init(algorithm: .hable)))
        #expect(try plan(settings, source: source).inputConversion == .toneMapping(.hable, peakLuminance: 100, sourcePeakLuminance: nil))
        settings.inputColorSpaceConversion?.toneMapper?.outputNits = 0
        #expect(try plan(settings, source: source).inputConversion == .toneMapping(.hable, peakLuminance: 100, sourcePeakLuminance: nil))
    }

    @Test("An inverse tone mapper is refused where the picture is HDR already", arguments: [TransferFunction.pq, .hlg])
    func mapperOfHDR(transfer: TransferFunction) throws {
        var tags = Self.pq
        tags.transfer = transfer
        let source = SourceFormat.make(3840, 2160, format: .yuv420p10, tags: tags)
        let settings = output(.strictUser, Profile(hdrFormat: .pq10), mapper: .init(algorithm: .infiniteHDR))
        let found = try problems { _ = try plan(settings, source: source) }
        let problem = found.first { $0.field == "processingSettings.outputColorSpaceConversion.inverseToneMapper" }
        #expect(problem?.message.contains("HDR already") == true)
    }

    @Test("HDR that passes keeps the source's metadata where the profile states none") func keptMetadata() throws {
        func color(_ mode: ProcessingOptions.OutputMappingMode, _ profile: Profile?) throws -> ColorPlan {
            try plan(output(mode, profile), source: .make(3840, 2160, format: .yuv420p10, tags: Self.pq))
        }
        for mode in [ProcessingOptions.OutputMappingMode.sourcePriority, .inputPriority, .userPriority] {
            for profile in [nil, Profile(hdrFormat: .hdr10)] {
                let found = try color(mode, profile)
                #expect(found.outputConversion == .none && found.keepsMetadata, "\(mode)")
            }
        }
        let half = try color(.userPriority, Profile(hdrFormat: .hdr10, maxCll: 800))
        #expect(half.keepsMetadata && half.hdr?.lightLevel?.maxCLL == 800 && half.hdr?.masteringDisplay == nil)
        #expect(try !color(.userPriority, Profile(hdrFormat: .hdr10, masteringDisplay: .init(tag: .p3D65), maxCll: 800)).keepsMetadata)
        #expect(try !color(.userPriority, Profile(hdrFormat: .pq10)).keepsMetadata, "PQ10 has none")
        #expect(try !color(.userPriority, Profile(hdrFormat: .hlg)).keepsMetadata, "its light is converted")
        let made = try plan(output(.strictUser, Profile(hdrFormat: .hdr10), mapper: .init(algorithm: .infiniteHDR)))
        #expect(!made.keepsMetadata)
        #expect(try plan(.init()).keepsMetadata == false, "SDR has none")
    }

    @Test("SDR to HDR needs an inverse tone mapper, and one needs HDR") func inverseToneMapping() throws {
        let without = try problems { _ = try plan(output(.strictUser, Profile(hdrFormat: .hlg))) }
        #expect(without.map(\.field) == ["processingSettings.outputColorSpaceConversion.inverseToneMapper"])
        let pointless = try problems { _ = try plan(output(.inputPriority, nil, mapper: .init(algorithm: .linear))) }
        #expect(pointless.map(\.kind) == [.outputColorConversion])
        let analytic = try plan(output(.strictUser, Profile(hdrFormat: .hlg), mapper: .init(algorithm: .reinhard, outputNits: 0)))
        #expect(analytic.outputConversion == .inverseToneMapping(.reinhard, whiteLuminance: 100, peakLuminance: 1000))
        #expect(analytic.output.transfer == .hlg)
    }

    @Test("The peak is maxCll, else the mastering display's, else 1000 cd/m²") func peaks() throws {
        let mapper = ProcessingOptions.InverseToneMapper(algorithm: .infiniteHDR)
        func peak(_ profile: Profile) throws -> Double? { try plan(output(.strictUser, profile, mapper: mapper)).hdr?.peakLuminance }
        #expect(try peak(Profile(hdrFormat: .hdr10, maxCll: 800)) == 800)
        #expect(try peak(Profile(hdrFormat: .hdr10, masteringDisplay: .init(tag: .bt2020, maxLuminance: 600))) == 600)
        #expect(try peak(Profile(hdrFormat: .pq10)) == 1000)
        #expect(try peak(Profile(hdrFormat: .pq10, maxCll: 0)) == 1000, "0 says nothing")
    }

    @Test("An HDR format fixes colorimetry") func formatRules() throws {
        let profile = Profile(
            colorSpace: .bt709, colorPrimaries: .bt709, transferCharacteristics: .aribStdB67, colorRange: .full, hdrFormat: .hdr10)
        let found = try problems { _ = try plan(output(.strictUser, profile, mapper: .init(algorithm: .infiniteHDR))) }
        #expect(
            found.map(\.message) == [
                "must be BT2020NC for hdrFormat HDR10", "must be BT2020 for hdrFormat HDR10", "must be SMPTE2084 for hdrFormat HDR10",
                "must be LIMITED for hdrFormat HDR10",
            ])
        #expect(found.allSatisfy { $0.kind == .outputColorConversion })
    }

    @Test("HDR10 is HEVC 4:2:0 in 10 bits, and PQ10 has 10 bits") func encodingRules() throws {
        let hdr10 = output(.strictUser, Profile(hdrFormat: .hdr10), mapper: .init(algorithm: .infiniteHDR))
        let wrong = ProcessingOptions.EncodingConfiguration(codec: .h264, pixelFormat: .init(yuv: .yuv422, bitDepth: .eight))
        let found = try problems { _ = try plan(hdr10, encoding: wrong) }
        #expect(
            found.map(\.field) == [
                "encodingConfiguration.pixelFormat.bitDepth", "encodingConfiguration.codec", "encodingConfiguration.pixelFormat.yuv",
            ])
        let pq10 = output(.strictUser, Profile(hdrFormat: .pq10), mapper: .init(algorithm: .infiniteHDR))
        let eight = ProcessingOptions.EncodingConfiguration(codec: .hevc, pixelFormat: .init(bitDepth: .eight))
        #expect(try problems { _ = try plan(pq10, encoding: eight) }.map(\.actual) == ["8"])
    }

    @Test("A mastering display without a tag needs all its points") func masteringDisplay() throws {
        let incomplete = Profile(hdrFormat: .hdr10, masteringDisplay: .init(red: .init(x: 0.68, y: 0.32)))
        let found = try problems { _ = try plan(output(.strictUser, incomplete, mapper: .init(algorithm: .infiniteHDR))) }
        #expect(found.map { $0.field.split(separator: ".").last } == ["green", "blue", "whitePoint"])
        let dark = Profile(hdrFormat: .hdr10, masteringDisplay: .init(tag: .p3D65, minLuminance: 900), maxCll: 800, maxFall: 900)
        let wrong = try problems { _ = try plan(output(.strictUser, dark, mapper: .init(algorithm: .infiniteHDR))) }
        #expect(Set(wrong.map { $0.field.split(separator: ".").last }) == ["minLuminance", "maxFall"])
    }

    @Test("Tags alone change nothing but the tags") func tagsOnly() throws {
        let settings = ProcessingOptions.ProcessingSettings(
            outputColorSpaceConversion: .init(
                mappingMode: .strictUser,
                colorProfile: .init(
                    colorSpace: .smpte170M, colorPrimaries: .smpte170M, transferCharacteristics: .smpte170M, colorRange: .limited),
                metadataOnly: true))
        let plan = try plan(settings)
        #expect(plan.outputConversion == .tagsOnly)
        #expect(plan.output.matrix == .smpte170M)
    }

    @Test("Names of the contract and code points of H.273", arguments: ProcessingOptions.Transfer.allCases)
    func transfers(transfer: ProcessingOptions.Transfer) {
        let codePoints: [ProcessingOptions.Transfer: Int] = [
            .bt470BG: 5, .bt470M: 4, .smpte170M: 6, .smpte240M: 7, .bt709: 1, .bt2020TenBit: 14, .bt2020TwelveBit: 15, .linear: 8,
            .smpte2084: 16, .aribStdB67: 18,
        ]
        #expect(transfer.function.rawValue == codePoints[transfer])
    }
}
