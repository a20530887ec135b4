import Domain
import Filters
import Foundation
import Media
import Picture
import Pipeline
import Testing

/// What servers of earlier builds have stored is read, so that an upgrade loses no job. `Fixtures` holds it as the build of
/// 21 November 2026, 12:38, had it in its database and beside its files.
@Suite struct StoredFormTests {
    private static func fixture(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try String(contentsOf: folder.appending(path: name + ".json"), encoding: .utf8)
    }

    private static func decoded<Value: Decodable>(_ name: String, as: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(fixture(name).utf8))
    }

    @Test("A plan without what came later is run as it was planned", arguments: ["recipe", "all", "deint", "tone"])
    func plans(_ name: String) throws {
        let text = try Self.fixture("plan-\(name)")
        let plan = try JobPlan(stored: text)
        #expect(!plan.recipe.source.isTurned)
        #expect(plan.context == nil)
        // Everything that was stored is still there, to the last digit.
        let written = try JSON(parsing: String(decoding: JSONEncoder().encode(plan), as: UTF8.self))
        #expect(Self.missing(try JSON(parsing: text), in: written) == [])
        #expect(try JobPlan(stored: written.description) == plan)
    }

    @Test("The learned expansion of an earlier plan reconstructs no highlights and modulates nothing") func highlights() throws {
        let plan = try JobPlan(stored: try Self.fixture("plan-recipe"))
        #expect(plan.program.request.color == .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25, highlights: 0, local: 0))
        #expect(
            plan.recipe.color.outputConversion
                == .infiniteHDR(peakLuminance: 800, saturationBoost: 1.25, highlightReconstruction: 0, localModulation: 0))
    }

    @Test("So are the results of finished units and what ingestion wrote") func results() throws {
        #expect(try Self.decoded("analysis", as: JobAnalysis.self).conditions?.shots.count == 1)
        let outcome = try Self.decoded("segment-outcome", as: SegmentOutcome.self)
        #expect(outcome.frameCount == 50 && outcome.light != nil)
        #expect(try Self.decoded("description", as: MediaDescription.self).video.visibleSize.width == 320)
    }

    @Test("A plan of another format, a damaged one and what is none are told apart") func refused() throws {
        let text = try Self.fixture("plan-tone")
        for (bad, expected) in [
            (text.replacing("remaster-plan/2", with: "remaster-plan/1"), "planFormat(found: \"remaster-plan/1\""),
            ("{}", "planFormat(found: \"none\""), ("[1", "it is no JSON"),
            (text.replacing("\"frameCount\":50,", with: ""), "source.frameCount is missing"),
            (text.replacing("\"frameCount\":50,", with: "\"frameCount\":\"many\","), "source.frameCount is no Int"),
        ] {
            let error = #expect(throws: PipelineError.self) { try JobPlan(stored: bad) }
            #expect("\(try #require(error))".contains(expected), "\(String(describing: error))")
        }
    }

    /// Paths of values that are not in the other document, or differ there.
    private static func missing(_ old: JSON, in new: JSON?, at path: String = "") -> [String] {
        switch (old, new) {
        case (.object(let members), .object(let others)?):
            members.flatMap { name, value in missing(value, in: others[name], at: "\(path).\(name)") }
        case (.array(let items), .array(let others)?) where items.count == others.count:
            zip(items, others).enumerated().flatMap { index, pair in missing(pair.0, in: pair.1, at: "\(path)[\(index)]") }
        default: old == new ? [] : [path]
        }
    }
}
