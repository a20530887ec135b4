import Domain
import Postgres
import Primitives
import Store

/// Prices a planned processing, and says how large its result will be and how long it takes.
struct JobAppraiser: Sendable {
    let billing: BillingStore
    let measurements: MeasurementStore
    let rateCard: RateCard

    var balanceRule: BalanceRule { rateCard.requiresBalance ? .covered : .open }

    /// - Parameter team: who pays.
    func appraise(_ recipe: ProcessingRecipe, _ planned: PlannedJob, team: ID<Team>) async throws -> JobAppraisal {
        let work = recipe.work(sourceFrames: planned.sourceFrames ?? recipe.nominalFrames)
        let standing = try await billing.standing(of: team)
        let bytes = recipe.encoding.estimatedBytes(
            size: recipe.output.size, frames: work.outputFrames, milliseconds: work.outputDurationMilliseconds)
        let gigabytes = Double(bytes) / 1e9
        return JobAppraisal(
            billingType: standing.billingType, quote: rateCard.quote(work, baseVolume: standing.baseVolume),
            estimate: try await measurements.history().estimate(work), fileSize: bytes,
            outputDurationMilliseconds: work.outputDurationMilliseconds,
            storage: rateCard.charge(gigabytes: gigabytes, at: rateCard.storage),
            download: rateCard.charge(gigabytes: gigabytes, at: rateCard.download))
    }
}

/// What a processing costs and comes to.
struct JobAppraisal: Hashable, Sendable {
    let billingType: BillingType
    let quote: JobQuote
    let estimate: ComputeEstimate
    /// Bytes.
    let fileSize: Int64
    let outputDurationMilliseconds: Int64
    /// Of the result, for 30 days.
    let storage: RateCard.Price
    /// Of the result, once.
    let download: RateCard.Price

    var charge: Charge { Charge(billingType: billingType, quote: quote, estimate: estimate) }
}

extension PlannedJob {
    /// Frames of the source from the first to the last that any unit reads; nil when no unit has a range.
    fileprivate var sourceFrames: Int? {
        let ranges = segments.compactMap(\.frames)
        guard let first = ranges.map(\.start).min(), let end = ranges.map(\.end).max() else { return nil }
        return end - first
    }
}

extension ProcessingRecipe {
    /// What the source's frame rate comes to; 25 frames a second where it has none.
    fileprivate var nominalFrames: Int {
        Int((Double(positions.durationMilliseconds) / 1000 * (source.frameRate?.double ?? 25)).rounded(.up))
    }
}
