import GPU
import Networks
import Picture

/// A network that sees a whole picture through its survey, made ready for pictures of one size on one device.
struct SurveyNetwork {
    private let runner: NetworkRunner
    private let inputBytes: Int

    /// Loads the network that reconstructs clipped highlights, uploads its weights and takes its memory.
    init(_ plan: HighlightPlan, device: Device, within allowance: inout NetworkAllowance) async throws {
        try await self.init(
            plan.identity, grid: plan.grid, maps: HighlightPlan.mapCount, gains: HighlightPlan.gainCount, squares: 2, device: device,
            within: &allowance)
    }

    /// The same of the network that modulates light from place to place.
    init(_ plan: LocalPlan, device: Device, within allowance: inout NetworkAllowance) async throws {
        try await self.init(
            plan.identity, grid: plan.survey.grid, maps: SurveyGrid.mapCount, gains: LocalPlan.gainCount, squares: LocalPlan.squares,
            device: device, within: &allowance)
    }

    /// - Parameters:
    ///   - maps: how many maps of the survey the network takes, from the first.
    ///   - gains: how many maps it gives.
    ///   - squares: squares along a side of the area that one of its samples stands for.
    private init(
        _ identity: ModelIdentity, grid: PictureSize, maps: Int, gains: Int, squares: Int, device: Device,
        within allowance: inout NetworkAllowance
    ) async throws {
        let network = try ModelLibrary.network(identity.name)
        guard network.graph.inputs.map(\.shape.channels) == [maps], network.graph.outputShapes.map(\.channels) == [gains],
            network.graph.outputShapes.first?.scale == Scale(1, squares)
        else {
            throw FilterError.unsuitableModel(
                name: identity.name, reason: "it is to take \(maps) maps and to give \(gains) at 1/\(squares) of their size")
        }
        runner = try allowance.plan(try await NetworkEngine(network, on: device), size: grid)
        inputBytes = maps * grid.sampleCount * MemoryLayout<Float>.size
    }

    /// Records one picture.
    func record(from maps: Buffer, to gains: Buffer, into recorder: inout CommandRecorder) throws {
        try runner.record(into: &recorder, inputs: [maps.slice(byteOffset: 0, byteCount: inputBytes)], outputs: [gains.all])
    }
}
