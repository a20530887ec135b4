import Domain
import Filters
import Foundation
import Pipeline
import Testing

/// Every variant of `DVRES2` that this build offers, from the contract's options to a finished file.
@Suite(.serialized) struct ScalerVariantTests {
    private static let ffv1 = #""encodingConfiguration":{"codec":"FFV1","pixelFormat":{"yuv":"4:2:0","bitDepth":10}}"#
    private static let tags = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"]

    private func source(_ bench: Bench) throws -> String {
        try bench.clip(
            "source.mov",
            ["-f", "lavfi", "-i", "testsrc2=size=66x38:rate=25", "-frames:v", "2", "-c:v", "ffv1", "-pix_fmt", "yuv420p"] + Self.tags)
    }

    private func options(_ variant: String, _ width: Int, _ height: Int) -> String {
        let settings = #""filterSettings":{\#(variant)"resolution":{"width":\#(width),"height":\#(height)}}"#
        return #"{"filters":{"scaler":"DVRES2"},\#(settings),\#(Self.ffv1)}"#
    }

    @Test("each variant has networks of its own for every ratio", arguments: Capabilities.current.dvres2Variants, 1...6)
    func ratios(variant: ProcessingOptions.DVRES2Variant, ratio: Int) throws {
        let bench = try Bench()
        let text = options(#""dvres2Variant":"\#(variant.rawValue)","#, 66 * ratio, 38 * ratio)
        let programs = try bench.prepare(source(bench), text).plan.programs
        let steps = programs.flatMap(\.luma).compactMap { step -> SuperResolutionStep? in
            if case .network(let network) = step { network } else { nil }
        }
        #expect(!steps.isEmpty)
        #expect(steps.allSatisfy { $0.identity.name.hasPrefix("dvres2_\(variant.rawValue.lowercased())_x") })
        #expect(Double(ratio) / Double(steps.map(\.ratio).reduce(1, *)) <= 1.5)
        #expect(programs.flatMap(\.networks).map(\.name).contains("dvres2_chroma"))
    }

    @Test("the plan holds the size of its networks, and the report names it")
    func size() async throws {
        let bench = try Bench()
        let options = options(#""dvres2Variant":"FINE_TUNING","#, 132, 76)
        let source = try source(bench)
        let job = try bench.prepare(source, options, size: .gpu)
        #expect(job.plan.programs.flatMap(\.networks).map(\.name) == ["dvres2_fine_tuning_x2_gpu", "dvres2_chroma"])
        // What a worker reads, whatever its own device would have chosen.
        let plan = try JSONDecoder().decode(JobPlan.self, from: JSONEncoder().encode(job.plan))
        let large = try await bench.run(.init(plan: plan, source: source, index: job.index), name: "large")
        #expect(large.report.networks.map(\.name) == ["dvres2_fine_tuning_x2_gpu", "dvres2_chroma"])
        #expect(large.report.networks.map(\.size) == [.gpu, nil])
        let small = try await bench.run(bench.prepare(source, options), name: "small")
        #expect(small.report.networks.map(\.name) == ["dvres2_fine_tuning_x2", "dvres2_chroma"])
        #expect(small.report.sha256 != large.report.sha256)
    }

    @Test("without a variant the scaler is GENERIC, and the report names its networks")
    func standard() async throws {
        let bench = try Bench()
        let (path, report) = try await bench.run(try source(bench), options("", 132, 76))
        #expect(report.networks.map(\.name) == ["dvres2_generic_x2", "dvres2_chroma"])
        #expect(report.networks.allSatisfy { $0.recipeSHA256.count == 64 })
        #expect(report.networks.map(\.size) == [.cpu, nil])
        let facts = try probe(path)
        #expect(facts["width"] == "132" && facts["height"] == "76")
    }
}
