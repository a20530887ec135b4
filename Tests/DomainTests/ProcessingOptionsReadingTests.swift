import Domain
import Testing

@Suite struct ProcessingOptionsReadingTests {
    /// Every member of the contract's options, each with a value.
    static let everything = """
        {"container":"MOV","encodingConfiguration":{"bitrate":20000000,"codec":"HEVC","pixelFormat":{"bitDepth":10,"yuv":"4:2:0"}},\
        "encodingProfile":"PRORES_422_HQ","filterSettings":{"clarityBoost":"LOW","dvres2Variant":"GENERIC","faceForward":\
        {"autoWhiteBalance":true,"backgroundBlur":0,"colorBoost":30,"relightIntensity":100},"filmGrain":{"grainSize":"FINE",\
        "grainStrength":10},"frameRate":{"fps":23.976,"tag":"FILM_NTSC"},"interlacedFieldOrderMode":"AUTO_METADATA",\
        "normalizedCropCoordinates":{"x1":0,"x2":1,"y1":0.125,"y2":0.875},"prescaledResolution":{"height":576,"width":720},\
        "resolution":{"aspectRatioTag":"16:9","height":1080,"tag":"2X","width":1920}},"filters":{"augmenter":"FACEFORWARD",\
        "debander":"GRADFUN","deinterlacer":"DEINT","denoiser":"DENOISE","frameRateConverter":"VFI","postProcessor":"FILMGRAIN",\
        "prescaler":"SCALE","reshaper":"CROP","scaler":"DVRES2","stabilizer":"DEJIT"},"processingSettings":{"fixedOutputResolution":\
        "UHD_4K","inputColorSpaceConversion":{"colorProfile":{"colorPrimaries":"BT709","colorRange":"FULL","colorSpace":"BT470BG",\
        "transferCharacteristics":"BT2020_10"},"mappingMode":"USER_PRIORITY","metadataOnly":false,"toneMapper":{"algorithm":"HABLE",\
        "outputNits":100}},"outputColorSpaceConversion":{"colorProfile":{"colorPrimaries":"BT2020","colorRange":"LIMITED","colorSpace":\
        "BT2020NC","hdrFormat":"HDR10","masteringDisplay":{"blue":{"x":0.15,"y":0.06},"green":{"x":0.265,"y":0.69},"maxLuminance":800,\
        "minLuminance":0.005,"red":{"x":0.68,"y":0.32},"tag":"P3_D65","whitePoint":{"x":0.3127,"y":0.329}},"maxCll":800,"maxFall":200,\
        "transferCharacteristics":"SMPTE2084"},"inverseToneMapper":{"algorithm":"INFINITEHDR","highlightReconstruction":0.5,"localModulation":0.25,"outputNits":100,"saturationBoost":1.25},\
        "mappingMode":"STRICT_USER","metadataOnly":false},"outputScanning":"INTERLACED_TOP_FIRST"}}
        """

    @Test("Every member comes back as it was read") func everyMember() throws {
        #expect(try ProcessingOptions(text: Self.everything).jsonText() == Self.everything)
    }

    @Test("The built-in recipe comes back as it was written") func builtIn() throws {
        let text = try ProcessingOptions.headline.jsonText()
        #expect(try ProcessingOptions(text: text) == .headline)
    }

    @Test("Nothing at all is a treatment too") func empty() throws {
        #expect(try ProcessingOptions(text: "{}") == ProcessingOptions())
        #expect(try ProcessingOptions(text: "{\"filters\":null,\"container\":null}") == ProcessingOptions())
    }

    @Test("What the server computes is ignored when it is sent back") func readOnlyMembers() throws {
        let options = try ProcessingOptions(
            text: """
                {"encodingConfiguration":{"pixelFormat":{"yuv":"4:2:0","name":"yuv420p"}},
                 "filterSettings":{"cropRectangle":{"width":1,"height":1,"x":0,"y":0}}}
                """)
        #expect(options.filterSettings?.cropRectangle == nil)
        #expect(options.encodingConfiguration?.pixelFormat == .init(yuv: .yuv420))
    }

    @Test("All problems are named at once, each with field, actual and allowed") func allAtOnce() throws {
        let found = try problems {
            _ = try ProcessingOptions(
                text: """
                    {"container":"AVI","encodingConfiguration":{"bitrate":5,"pixelFormat":{"bitDepth":9,"yuv":1}},
                     "filters":{"scaler":"DVRES3","denoiser":7,"sharpener":"X"},
                     "filterSettings":{"resolution":{"width":15},"faceForward":{"colorBoost":31},"normalizedCropCoordinates":{"x1":-0.1}},
                     "processingSettings":{"outputColorSpaceConversion":{"colorProfile":{"maxCll":10001},
                      "inverseToneMapper":{"algorithm":"INFINITEHDR","highlightReconstruction":1.5,"localModulation":-0.1}}},"extra":1}
                    """)
        }
        let fields = Set(found.map(\.field))
        #expect(
            fields == [
                "container", "encodingConfiguration.bitrate", "encodingConfiguration.pixelFormat.bitDepth",
                "encodingConfiguration.pixelFormat.yuv", "filters.scaler", "filters.denoiser", "filters.sharpener",
                "filterSettings.resolution.width", "filterSettings.faceForward.colorBoost",
                "filterSettings.faceForward.autoWhiteBalance", "filterSettings.faceForward.relightIntensity",
                "filterSettings.faceForward.backgroundBlur", "filterSettings.normalizedCropCoordinates.x1",
                "filterSettings.normalizedCropCoordinates.y1", "filterSettings.normalizedCropCoordinates.x2",
                "filterSettings.normalizedCropCoordinates.y2", "processingSettings.outputColorSpaceConversion.mappingMode",
                "processingSettings.outputColorSpaceConversion.colorProfile.maxCll",
                "processingSettings.outputColorSpaceConversion.inverseToneMapper.highlightReconstruction",
                "processingSettings.outputColorSpaceConversion.inverseToneMapper.localModulation", "extra",
            ])
        let scaler = try #require(found.first { $0.field == "filters.scaler" })
        #expect(scaler.actual == "DVRES3")
        #expect(scaler.message == "must be one of DVRES2, DVRES, PABSR1, SCALE")
        #expect(found.first { $0.field == "container" }?.message == "must be one of MOV, MXF, MP4, MPEGTS")
    }

    @Test("A bit rate that no encoder can count is refused, with what is allowed", arguments: ["2000000001", "9223372036854775807"])
    func bitrate(text: String) throws {
        let found = try problems { _ = try ProcessingOptions(text: #"{"encodingConfiguration":{"bitrate":\#(text)}}"#) }
        #expect(found.map(\.field) == ["encodingConfiguration.bitrate"])
        #expect(found.first?.message.contains("2000000000") == true)
        #expect(throws: Never.self) { try ProcessingOptions(text: #"{"encodingConfiguration":{"bitrate":2000000000}}"#) }
    }

    @Test("Of many problems a hundred are named, and the others counted") func manyProblems() throws {
        let members = (0..<250).map { #""unknown\#($0)":1"# }.joined(separator: ",")
        let found = try problems { _ = try ProcessingOptions(text: "{\(members)}") }
        #expect(found.count == 101)
        #expect(found.last?.message.contains("150 more") == true)
    }

    @Test("Light that is relative to no light is refused with what is allowed", arguments: ["1e-300", "0.5"])
    func outputNits(value: String) throws {
        let found = try problems {
            _ = try ProcessingOptions(
                text: """
                    {"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY",
                      "toneMapper":{"algorithm":"HABLE","outputNits":\(value)}},
                     "outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY",
                      "inverseToneMapper":{"algorithm":"HABLE","outputNits":\(value)}}}}
                    """)
        }
        let settings = "processingSettings."
        #expect(
            found.map(\.field) == [
                settings + "inputColorSpaceConversion.toneMapper.outputNits",
                settings + "outputColorSpaceConversion.inverseToneMapper.outputNits",
            ])
        #expect(found.allSatisfy { $0.message == "must be a number from 1 to 10000, or 0 for the customary 100" })
    }

    @Test("An object is wanted, and says so", arguments: ["[]", "1", "\"x\"", "true", "null"])
    func notAnObject(text: String) throws {
        let found = try problems { _ = try ProcessingOptions(text: text) }
        #expect(found.count == 1)
        #expect(found.first?.message.hasPrefix("must be an object") == true)
    }
}
