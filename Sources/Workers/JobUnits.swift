import Filters
import Foundation
package import Pipeline
package import Postgres
import Primitives
package import Store

/// A plan in the form in which the queue keeps it.
package enum JobUnits {
    package static func document(_ plan: JobPlan) throws -> JSONDocument {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return JSONDocument(String(decoding: try encoder.encode(plan), as: UTF8.self))
    }

    /// First the analysis, then a unit for each segment, then the assembly; weights in frames. The assembly runs no network.
    package static func units(of plan: JobPlan) -> [NewSegment] {
        let frames = Int64(plan.outputFrames.count)
        let networks = Set(plan.networks.map(\.key)).sorted()
        var units = [
            NewSegment(kind: .analyse, stage: 0, ordinal: 0, frames: plan.frames, weight: max(1, frames / 20), networks: networks)
        ]
        for (ordinal, range) in plan.segments.enumerated() {
            units.append(
                NewSegment(kind: .encode, stage: 1, ordinal: ordinal, frames: range, weight: Int64(range.count), networks: networks))
        }
        units.append(NewSegment(kind: .assemble, stage: 2, ordinal: 0, frames: nil, weight: max(1, frames / 50)))
        return units
    }
}
