import ColorScience
import Domain
import Filters
import Foundation
import Media
import Picture
import Pipeline
import Testing

/// Colour through whole jobs, against the formulas of ColorScience in Double.
@Suite(.serialized) struct ColorTests {
    /// Patches of one colour each, 32 samples wide.
    private static let patches: [(y: Int, u: Int, v: Int)] = [
        (64, 512, 512), (300, 512, 512), (509, 512, 512), (600, 480, 560), (700, 512, 512), (420, 600, 400),
    ]
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#

    private func chart(_ bench: Bench, transfer: String, primaries: String, matrix: String) throws -> String {
        func column(_ values: [Int]) -> String {
            values.enumerated().dropLast().reversed().reduce("\(values[values.count - 1])") { rest, patch in
                "if(lt(X,W*\(patch.offset + 1)/6),\(patch.element),\(rest))"
            }
        }
        let expression = [
            "lum='\(column(Self.patches.map(\.y)))'", "cb='\(column(Self.patches.map(\.u)))'", "cr='\(column(Self.patches.map(\.v)))'",
        ].joined(separator: ":")
        return try bench.clip(
            "chart.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=192x64:rate=25,format=yuv420p10le,geq=\(expression)", "-frames:v", "1",
                "-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-color_primaries", primaries, "-color_trc", transfer, "-colorspace", matrix,
                "-color_range", "tv", "-chroma_sample_location", "left",
            ])
    }

    /// Mean codes in the middle of each patch.
    private func measured(_ bench: Bench, _ path: String) throws -> [(y: Double, u: Double, v: Double)] {
        let samples = try bench.samples(path, format: "yuv444p10le")
        return Self.patches.indices.map { patch in
            func mean(_ plane: Int) -> Double {
                var sum = 0.0
                for y in 16..<48 { for x in 10..<22 { sum += Double(samples[plane * 192 * 64 + y * 192 + patch * 32 + x]) } }
                return sum / (32 * 12)
            }
            return (mean(0), mean(1), mean(2))
        }
    }

    /// R′G′B′ of a patch.
    private func rgb(_ patch: Int, matrix: MatrixCoefficients, primaries: ColorPrimaries) throws -> Vector3 {
        let codes = Quantization(range: .limited, bitDepth: 10)
        let item = Self.patches[patch]
        let inverse = try #require(matrix.yCbCrToRGB(primaries: primaries))
        return inverse * Vector3(codes.decodeLuma(item.y), codes.decodeChroma(item.u), codes.decodeChroma(item.v))
    }

    private func expect(
        _ bench: Bench, _ path: String, matrix: MatrixCoefficients, primaries: ColorPrimaries, tolerance: Double = 1.5,
        _ signal: (Int) throws -> Vector3
    ) throws {
        let codes = Quantization(range: .limited, bitDepth: 10)
        let forward = try #require(matrix.rgbToYCbCr(primaries: primaries))
        for (patch, found) in try measured(bench, path).enumerated() {
            let wanted = forward * (try signal(patch))
            let luma = wanted.x * codes.lumaScale + codes.lumaOffset
            let (cb, cr) = (wanted.y * codes.chromaScale + codes.chromaOffset, wanted.z * codes.chromaScale + codes.chromaOffset)
            #expect(abs(found.y - luma) < tolerance, "patch \(patch): Y \(found.y), wanted \(luma)")
            #expect(abs(found.u - cb) < tolerance && abs(found.v - cr) < tolerance, "patch \(patch): \(found), wanted \(cb), \(cr)")
        }
    }

    @Test("HDR becomes SDR by each curve", arguments: ["LINEAR", "CLIP", "HABLE", "REINHARD", "MOBIUS"])
    func toneMapping(algorithm: String) async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "smpte2084", primaries: "bt2020", matrix: "bt2020nc")
        let (path, _) = try await bench.run(
            source,
            #"{"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY","colorProfile":{"maxCll":800},"toneMapper":{"algorithm":"\#(algorithm)","outputNits":200}},"outputColorSpaceConversion":{"mappingMode":"STRICT_USER","colorProfile":{"colorSpace":"BT709","colorPrimaries":"BT709","transferCharacteristics":"BT709","colorRange":"LIMITED"}}},\#(Self.ffv1)}"#
        )
        let facts = try probe(path)
        #expect(facts["color_transfer"] == "bt709" && facts["color_primaries"] == "bt709" && facts["color_space"] == "bt709")
        let curve = try #require(ToneCurve(rawValue: algorithm.lowercased()))
        let gamut = try #require(ColorPrimaries.bt2020.matrix(to: .bt709))
        try expect(bench, path, matrix: .bt709, primaries: .bt709) { patch in
            let light = try rgb(patch, matrix: .bt2020NCL, primaries: .bt2020).map { PQ.eotf($0) / 200 }
            let there = gamut * light
            let peak = there.maximum
            let scaled = peak > 0 ? there.map { max($0, 0) } * (curve.compress(peak, peak: 4) / peak) : Vector3(gray: 0)
            return scaled.map { min(max(pow($0, 1 / 2.4), 0), 1) }
        }
    }

    @Test("HDR is mapped to the pipeline's SDR and to HDR again in one job")
    func mappedTwice() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "smpte2084", primaries: "bt2020", matrix: "bt2020nc")
        let (path, report) = try await bench.run(
            source,
            #"{"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY","colorProfile":{"maxCll":800},"toneMapper":{"algorithm":"REINHARD","outputNits":200}},"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"PQ10","maxCll":600},"inverseToneMapper":{"algorithm":"REINHARD","outputNits":200}}},\#(Self.ffv1)}"#
        )
        #expect(report.delivery.problems.isEmpty)
        #expect(try probe(path)["color_transfer"] == "smpte2084")
        let curve = ToneCurve.reinhard
        try expect(bench, path, matrix: .bt2020NCL, primaries: .bt2020, tolerance: 3) { patch in
            let light = try rgb(patch, matrix: .bt2020NCL, primaries: .bt2020).map { PQ.eotf($0) / 200 }
            let peak = light.maximum
            let standard = peak > 0 ? light.map { max($0, 0) } * (curve.compress(peak, peak: 4) / peak) : Vector3(gray: 0)
            let again = standard.map { min(max($0, 0), 1) }
            let white = again.maximum
            let expanded = white > 0 ? again * (curve.expand(white, peak: 3) / white) : Vector3(gray: 0)
            return expanded.map { PQ.inverseEOTF(min($0 * 200, 600)) }
        }
    }

    @Test("The learned mapping sees the tone-mapped picture of an HDR source")
    func learnedAfterToneMapping() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "smpte2084", primaries: "bt2020", matrix: "bt2020nc")
        let job = try bench.prepare(
            source,
            #"{"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY","toneMapper":{"algorithm":"HABLE"}},"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"HDR10","maxCll":800,"masteringDisplay":{"tag":"P3_D65"}},"inverseToneMapper":{"algorithm":"INFINITEHDR"}}}}"#
        )
        let programs = job.plan.programs.map(\.request)
        #expect(programs.count == 2)
        #expect(programs[0].output.tags.transfer == .bt2020TenBit && programs[1].input.tags.transfer == .bt2020TenBit)
        #expect(job.plan.needsAnalysis)
        let (path, report) = try await bench.run(job)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        #expect(report.shots == 1)
        #expect(try probe(path)["color_transfer"] == "smpte2084")
        let measured = try #require(report.lightLevels.measured)
        #expect(measured.maxCLL > 50 && measured.maxCLL <= 801)
    }

    @Test("SDR becomes HDR by each curve", arguments: ["LINEAR", "HABLE", "REINHARD", "MOBIUS"], ["PQ10", "HLG"])
    func inverseToneMapping(algorithm: String, format: String) async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "bt709", primaries: "bt709", matrix: "bt709")
        let (path, report) = try await bench.run(
            source,
            #"{"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"\#(format)","maxCll":600},"inverseToneMapper":{"algorithm":"\#(algorithm)","outputNits":200}}},\#(Self.ffv1)}"#
        )
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path)
        #expect(facts["color_transfer"] == (format == "HLG" ? "arib-std-b67" : "smpte2084"))
        #expect(facts["color_primaries"] == "bt2020" && facts["color_space"] == "bt2020nc")
        let curve = try #require(ToneCurve(rawValue: algorithm.lowercased()))
        let gamut = try #require(ColorPrimaries.bt709.matrix(to: .bt2020))
        try expect(bench, path, matrix: .bt2020NCL, primaries: .bt2020, tolerance: 2) { patch in
            let light = try rgb(patch, matrix: .bt709, primaries: .bt709).map { pow(max($0, 0), 2.4) }
            let peak = light.maximum
            let expanded = peak > 0 ? light * (curve.expand(peak, peak: 3) / peak) : Vector3(gray: 0)
            let display = (gamut * expanded) * 200
            return format == "HLG"
                ? HLG.inverseEOTF(display, peakLuminance: 1000).map { min(max($0, 0), 1) }
                : display.map { min(max(PQ.inverseEOTF($0), 0), PQ.inverseEOTF(600)) }
        }
    }

    @Test("BT.601 becomes BT.709 with the same light")
    func colorimetry() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "smpte170m", primaries: "bt470bg", matrix: "bt470bg")
        let (path, _) = try await bench.run(
            source, #"{"processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY"}},\#(Self.ffv1)}"#)
        let facts = try probe(path)
        #expect(facts["color_transfer"] == "bt709" && facts["color_primaries"] == "bt709" && facts["color_space"] == "bt709")
        let gamut = try #require(ColorPrimaries.bt470BG.matrix(to: .bt709))
        try expect(bench, path, matrix: .bt709, primaries: .bt709) { patch in
            let light = try rgb(patch, matrix: .bt470BG, primaries: .bt470BG).map { pow(max($0, 0), 2.4) }
            return (gamut * light).map { $0 < 0 ? -pow(-$0, 1 / 2.4) : pow($0, 1 / 2.4) }
        }
    }

    @Test("PQ becomes HLG with the same light")
    func betweenHDR() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "smpte2084", primaries: "bt2020", matrix: "bt2020nc")
        let (path, _) = try await bench.run(
            source,
            #"{"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"HLG"}}},\#(Self.ffv1)}"#
        )
        #expect(try probe(path)["color_transfer"] == "arib-std-b67")
        try expect(bench, path, matrix: .bt2020NCL, primaries: .bt2020, tolerance: 2) { patch in
            let display = try rgb(patch, matrix: .bt2020NCL, primaries: .bt2020).map { PQ.eotf($0) }
            return HLG.inverseEOTF(display, peakLuminance: 1000).map { min(max($0, 0), 1) }
        }
    }

    @Test("tags alone change, and no number with them")
    func tagsOnly() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "bt709", primaries: "bt709", matrix: "bt709")
        let (path, _) = try await bench.run(
            source,
            #"{"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"STRICT_USER","metadataOnly":true,"colorProfile":{"colorSpace":"SMPTE170M","colorPrimaries":"SMPTE170M","transferCharacteristics":"SMPTE170M","colorRange":"LIMITED"}}},\#(Self.ffv1)}"#
        )
        #expect(try probe(path)["color_space"] == "smpte170m")
        let difference = try #require(
            largestDifference(try bench.samples(path, format: "yuv420p10le"), try bench.samples(source, format: "yuv420p10le")))
        #expect(difference <= 1)
    }

    @Test("tags alone that make PQ of BT.2020 move no number either, and the light is what they say")
    func tagsToHDR() async throws {
        let bench = try Bench()
        let source = try chart(bench, transfer: "bt709", primaries: "bt709", matrix: "bt709")
        let job = try bench.prepare(
            source,
            #"{"processingSettings":{"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","metadataOnly":true,"colorProfile":{"hdrFormat":"PQ10"}}},\#(Self.ffv1)}"#
        )
        #expect(job.plan.encoder.colorTags.siting == .left && job.plan.program.request.output.tags.siting == .left)
        let (path, report) = try await bench.run(job)
        #expect(report.delivery.problems.isEmpty, "\(report.delivery.problems)")
        #expect(try probe(path)["color_transfer"] == "smpte2084")
        let difference = largestDifference(
            try bench.samples(path, format: "yuv420p10le"), try bench.samples(source, format: "yuv420p10le"))
        #expect(difference == 0)
        let white = PQ.eotf(Quantization(range: .limited, bitDepth: 10).decodeLuma(700))
        let measured = try #require(report.lightLevels.measured)
        #expect(measured.maxCLL >= white.rounded() - 1)
    }

    @Test("the light is that of the coded picture, not of one that stands before a filter")
    func lastProgram() async throws {
        let bench = try Bench()
        // The brighter half is cut off in a program before the denoiser; what is kept gets bars in the last one.
        let source = try bench.clip(
            "halves.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=128x64:rate=25,format=yuv420p10le,geq=lum='if(lt(X,64),700,400)':cb=512:cr=512",
                "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084",
                "-colorspace", "bt2020nc", "-color_range", "tv",
            ])
        let (_, report) = try await bench.run(
            source,
            #"{"filters":{"reshaper":"CROP","denoiser":"HQDN3D"},"filterSettings":{"normalizedCropCoordinates":{"x1":0.5,"y1":0,"x2":1,"y2":1}},"processingSettings":{"fixedOutputResolution":"STANDARD_HD"},\#(Self.ffv1)}"#
        )
        let light = PQ.eotf(Quantization(range: .limited, bitDepth: 10).decodeLuma(400))
        let measured = try #require(report.lightLevels.measured)
        #expect(abs(measured.maxCLL / light - 1) < 0.1)
        // 64 × 64 of 1280 × 720 pixels.
        #expect(measured.maxFALL <= 1)
    }

    /// PQ that asserts a mastering display of 1000 cd/m² and light levels of 900 and 300.
    private func hdr10(_ bench: Bench) throws -> String {
        try bench.clip(
            "source.mp4",
            [
                "-f", "lavfi", "-i", "testsrc2=size=256x128:rate=25", "-frames:v", "5", "-c:v", "libx265", "-pix_fmt", "yuv420p10le",
                "-x265-params",
                "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=900,300",
            ])
    }

    @Test("a wish that changes no light leaves the source's metadata where it states none")
    func keptMetadata() throws {
        let bench = try Bench()
        let source = try hdr10(bench)
        func asserted(_ wish: String) throws -> StaticHDRMetadata {
            try bench.prepare(source, #"{"processingSettings":{"outputColorSpaceConversion":\#(wish)}}"#).plan.encoder.hdr
        }
        let plain = try bench.prepare(source, "{}").plan.encoder.hdr
        #expect(plain.lightLevel == CodedLightLevel(maxCLL: 900, maxFALL: 300) && plain.masteringDisplay?.maxLuminance == 10_000_000)
        for wish in [
            #"{"mappingMode":"SOURCE_PRIORITY"}"#, #"{"mappingMode":"INPUT_PRIORITY"}"#,
            #"{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"HDR10"}}"#,
        ] {
            #expect(try asserted(wish) == plain, "\(wish)")
        }
        let half = try asserted(#"{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"HDR10","maxCll":800,"maxFall":200}}"#)
        #expect(half.lightLevel == CodedLightLevel(maxCLL: 800, maxFALL: 200) && half.masteringDisplay == plain.masteringDisplay)
        let other = try asserted(
            #"{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"HDR10","masteringDisplay":{"tag":"BT2020","maxLuminance":600}}}"#)
        #expect(other.lightLevel == plain.lightLevel && other.masteringDisplay?.maxLuminance == 6_000_000)
        #expect(try asserted(#"{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"PQ10"}}"#) == StaticHDRMetadata.none)
    }

    @Test("HDR10 that passes keeps what the source asserts of its light")
    func passing() async throws {
        let bench = try Bench()
        let source = try hdr10(bench)
        let (_, report) = try await bench.run(source, "{}")
        #expect(report.delivery.problems.isEmpty)
        #expect(report.delivery.picture.containerHDR.lightLevel?.maxCLL == 900)
        #expect(report.delivery.picture.containerHDR.masteringDisplay?.maxLuminance == 10_000_000)
    }
}
