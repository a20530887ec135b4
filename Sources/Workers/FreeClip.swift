import Domain
import Foundation
import Media
import Pipeline
import Postgres
import Store

/// The free clip of a master: ten seconds from its middle, coded anew at the quality target, otherwise untouched.
struct FreeClip {
    private static let milliseconds = 10_000

    let planner: JobPlanner

    /// Nil where the master cannot be processed as it is: interlaced pictures need a choice that nobody has made, and so do
    /// pictures that become other ones within those ten seconds.
    func clip(of master: VideoRecord, _ source: IngestedSource) throws -> NewClip? {
        guard let duration = source.format?.durationMilliseconds else { return nil }
        let isLonger = duration > Self.milliseconds
        let start = isLonger ? (duration - Self.milliseconds) / 2 : nil
        let source = source.beginning(atMilliseconds: start)
        guard let format = source.format else { return nil }
        let end = start.map { $0 + Self.milliseconds }
        let options = ProcessingOptions()
        let recipe: ProcessingRecipe
        do {
            recipe = try options.validated(for: format, startMilliseconds: start, endMilliseconds: end)
        } catch {
            return nil
        }
        let plan: JobPlan
        do {
            plan = try planner.plan(recipe, file: source.description, index: source.index)
        } catch PipelineError.media(.picturesDiffer) {
            return nil
        }
        return NewClip(
            name: VideoName.derived(from: master.name, by: "clip"), startMs: start.map { Int64($0) }, endMs: end.map { Int64($0) },
            options: JSONDocument(try options.jsonText()), plan: try JobUnits.document(plan), segments: JobUnits.units(of: plan))
    }
}
