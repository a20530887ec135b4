import Domain
import Filters
import Foundation
import Media
import Picture
import Pipeline
import Primitives
import Testing

/// Chains of several filters, where programs of the device stand between steps of the CPU.
@Suite(.serialized) struct ChainTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private static let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]
    private static let order = #""interlacedFieldOrderMode":"TOP_FIELD_FIRST""#
    private static let crop = #""normalizedCropCoordinates":{"x1":0.25,"y1":0.25,"x2":0.75,"y2":0.75}"#
    private static let enlarged = #""resolution":{"width":128,"height":96}"#

    // MARK: Levels

    /// Programs behind a step that gives 16 bits: before a denoiser, and before a change of rate.
    private static let programsBehindFilters = [
        #""filters":{"deinterlacer":"YADIF","reshaper":"CROP","denoiser":"HQDN3D"},"filterSettings":{\#(order),\#(crop)}"#,
        #""filters":{"deinterlacer":"BWDIF","prescaler":"SCALE","stabilizer":"DEJIT"},"filterSettings":{\#(order),"prescaledResolution":{"width":32,"height":32}}"#,
        #""filters":{"deinterlacer":"YADIF","scaler":"DVRES2","frameRateConverter":"FBLEND"},"filterSettings":{\#(order),\#(enlarged),"frameRate":{"tag":"VIDEO_PAL_FAST"}}"#,
        #""filters":{"denoiser":"HQDN3D","scaler":"DVRES2","frameRateConverter":"FPS"},"filterSettings":{\#(enlarged),"frameRate":{"tag":"VIDEO_PAL_FAST"}}"#,
    ]
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#

    /// A picture of one color: 100, 90, 160 in codes of 8 bits.
    private func flat(_ format: String) throws -> String {
        let scale = format.hasSuffix("10le") ? 4 : 1
        let levels = "geq=lum=\(100 * scale):cb=\(90 * scale):cr=\(160 * scale)"
        return try bench.clip(
            "flat.mov",
            [
                "-f", "lavfi", "-i", "color=c=black:size=64x48:rate=25,format=\(format),\(levels)", "-frames:v", "4", "-c:v", "ffv1",
                "-pix_fmt", format,
            ] + Self.tags)
    }

    @Test(
        "a program behind a filter takes the filter's pictures: levels stay", arguments: ["yuv420p", "yuv420p10le"], programsBehindFilters)
    func levels(format: String, filters: String) async throws {
        let (path, report) = try await bench.run(try flat(format), "{\(filters),\(Self.ffv1)}")
        #expect(report.delivery.problems.isEmpty)
        let facts = try probe(path)
        let (width, height) = (Int(facts["width"] ?? "") ?? 0, Int(facts["height"] ?? "") ?? 0)
        let (luma, chroma) = (width * height, width * height / 4)
        let samples = try bench.samples(path, format: "yuv420p10le")
        try #require(luma > 0 && !samples.isEmpty && samples.count % (luma + 2 * chroma) == 0)
        func mean(_ first: Int, _ count: Int) -> Double { samples[first..<first + count].reduce(0.0) { $0 + Double($1) } / Double(count) }
        for frame in stride(from: 0, to: samples.count, by: luma + 2 * chroma) {
            #expect(abs(mean(frame, luma) - 400) < 3)
            #expect(abs(mean(frame + luma, chroma) - 360) < 3)
            #expect(abs(mean(frame + luma + chroma, chroma) - 640) < 3)
        }
    }

    @Test("a plan whose program takes other pictures than it is given ends with a reason, as one of an earlier build might")
    func contradiction() async throws {
        let job = try bench.prepare(try flat("yuv420p"), "{\(Self.programsBehindFilters[0]),\(Self.ffv1)}")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(job.plan), as: UTF8.self)
        let wrong = text.replacing(#""input":{"pixels":"yuv420p16le""#, with: #""input":{"pixels":"yuv420p""#)
        try #require(wrong != text)
        let plan = try JobPlan(stored: wrong)
        let error = await #expect(throws: PipelineError.self) {
            _ = try await bench.run(Bench.Prepared(plan: plan, source: job.source, index: job.index))
        }
        guard case .planContradiction(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("yuv420p16le meet a program for"))
    }

    // MARK: Layouts

    /// What does not fit together in a plan.
    private func misfits(_ plan: JobPlan) -> [String] {
        var found: [String] = []
        var layout = plan.source.layout
        var turns = plan.source.quarterTurns
        func compare(_ program: PictureProgram, output: FrameLayout) {
            let upright = FrameLayout(
                size: QuarterTurn.size(layout.size, turns: turns), format: QuarterTurn.format(layout.format, turns: turns))
            let (input, made) = (program.request.input.layout, program.request.output.layout)
            if input != upright { found.append("a program for \(input.size) \(input.format) gets \(upright.size) \(upright.format)") }
            if made != output { found.append("a program gives \(made.size) \(made.format) for \(output.size) \(output.format)") }
        }
        for link in plan.links {
            if link.input != layout { found.append("\(link.name) takes \(link.input.format) and gets \(layout.format)") }
            if case .prepare(let program) = link.work {
                compare(program, output: link.output)
                turns = 0
            } else if link.output.size != layout.size || link.output.format.subsampling != layout.format.subsampling
                || link.output.format.bitDepth < layout.format.bitDepth
            {
                found.append("\(link.name) makes \(link.output.format) of \(layout.format)")
            }
            switch link.work {
            case .deinterlace, .denoise, .removeNoise, .alignLines, .blend:
                if link.output.format.hasAlpha { found.append("\(link.name) keeps alpha") }
            case .prepare, .repick, .interpolate: break
            }
            layout = link.output
        }
        compare(plan.program, output: plan.encoder.layout)
        return found
    }

    private typealias Options = ProcessingOptions

    /// Every choice of filters in the slots that make steps of their own.
    private static func choices(isRGB: Bool) -> [(filters: Options.Filters, rate: Options.FrameRateTag)] {
        let deinterlacers: [Options.Deinterlacer?] = [nil, isRGB ? .deint : .yadif]
        let denoisers: [Options.Denoiser?] = [nil, .denoise, .hqdn3D]
        let stabilizers: [Options.Stabilizer?] = [nil, .dejit]
        let scalers: [Options.Scaler?] = [nil, .dvres2]
        let converters: [(Options.FrameRateConverter?, Options.FrameRateTag)] = [
            (nil, .film), (.fps, .film), (.fps, .videoPALFast), (.frameBlend, .videoPALFast), (.motionInterpolate, .videoPALFast),
        ]
        var choices: [(filters: Options.Filters, rate: Options.FrameRateTag)] = []
        for deinterlacer in deinterlacers {
            for denoiser in denoisers {
                for stabilizer in stabilizers {
                    for scaler in scalers {
                        for (converter, rate) in converters {
                            for shape in 0..<3 {
                                var filters = Options.Filters(scaler: scaler)
                                (filters.deinterlacer, filters.denoiser, filters.stabilizer) = (deinterlacer, denoiser, stabilizer)
                                filters.frameRateConverter = converter
                                if shape == 1 { filters.reshaper = .crop }
                                if shape == 2 { filters.prescaler = .scale }
                                choices.append((filters, rate))
                            }
                        }
                    }
                }
            }
        }
        return choices
    }

    private static let plain = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:4:4","bitDepth":12}}"#
    /// Light is mapped before the first filter and again behind the last.
    private static let mapped =
        #""processingSettings":{"inputColorSpaceConversion":{"mappingMode":"SOURCE_PRIORITY","toneMapper":{"algorithm":"REINHARD","outputNits":200}},"outputColorSpaceConversion":{"mappingMode":"USER_PRIORITY","colorProfile":{"hdrFormat":"PQ10","maxCll":600},"inverseToneMapper":{"algorithm":"REINHARD","outputNits":200}}},"#
        + ffv1
    private static let turned = ["-f", "mov"]
    private static let quarterTurn = [0.0, 1, -1, 0]
    private static let pq = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-color_range", "tv"]

    @Test(
        "in every combination of filters each step is planned for the pictures of the step before it",
        arguments: [
            ("yuv420p", [], false), ("yuv422p10le", [], false), ("yuv444p12le", [], false), ("yuv411p", [], false),
            ("yuv440p10le", [], false), ("gray", [], false), ("gray10le", [], false), ("gbrp10le", [], false), ("yuva420p", [], false),
            ("yuva444p10le", [], false), ("yuv422p10le", turned, false), ("yuv420p10le", pq, true),
        ] as [(String, [String], Bool)])
    func table(format: String, arguments: [String], isHDR: Bool) throws {
        let isTurned = arguments == Self.turned
        let source = try bench.clip(
            "source.\(isTurned ? "mov" : "mkv")",
            [
                "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-level", "3", "-pix_fmt", format,
            ] + arguments)
        if isTurned { try setDisplayMatrix(source, Self.quarterTurn, size: (64, 48)) }
        let facts = try IngestedSource.examine(source, context: MediaContext(observer: Bench.observer))
        let picture = try #require(facts.format)
        #expect(picture.isTurned == isTurned && picture.tags.isHDR == isHDR)
        let planner = try Bench.planner()
        let settings = "\(Self.order),\(Self.crop),\(Self.enlarged),\"prescaledResolution\":{\"width\":32,\"height\":32}"
        var options = try Options(json: JSON(parsing: "{\"filterSettings\":{\(settings)},\(isHDR ? Self.mapped : Self.plain)}"))
        var (planned, wrong) = (0, Set<String>())
        for (filters, rate) in Self.choices(isRGB: picture.format.model == .rgb) {
            options.filters = filters
            options.filterSettings?.frameRate = Options.FrameRate(tag: rate)
            // What a filter does not take is refused.
            guard let recipe = try? options.validated(for: picture) else { continue }
            let plan = try planner.plan(recipe, file: facts.description, index: facts.index)
            planned += 1
            wrong.formUnion(misfits(plan))
        }
        #expect(planned >= 180)
        #expect(wrong.isEmpty, "\(wrong.sorted())")
    }

    @Test("a turned 4:2:2 has all its chroma before a filter: no form with half of it down the picture is written")
    func turnedChroma() throws {
        let source = try bench.clip(
            "turned.mov",
            [
                "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv422p10le",
            ] + Self.tags)
        try setDisplayMatrix(source, Self.quarterTurn, size: (64, 48))
        let plan = try bench.prepare(
            source,
            "{\"filters\":{\"reshaper\":\"CROP\",\"denoiser\":\"DENOISE\"},\"filterSettings\":{\(Self.crop)},\"encodingProfile\":\"PRORES_422_HQ\"}"
        ).plan
        #expect(plan.source.quarterTurns % 2 == 1)
        #expect(plan.links.map(\.output.format.name) == ["yuv444p16le", "yuv444p16le"])
    }
}
