import GPU
import Networks
import Picture

/// The network that reconstructs clipped highlights, made ready for pictures of one size on one device.
struct HighlightNetwork {
    /// Multiply-adds for each square that it sees.
    static let macPerSquare = 7_500.0

    private let runner: NetworkRunner

    /// Loads the model, uploads its weights and takes its memory.
    init(_ plan: HighlightPlan, device: Device) async throws {
        let network = try ModelLibrary.network(plan.identity.name)
        guard network.graph.inputs.map(\.shape.channels) == [HighlightPlan.mapCount],
            network.graph.outputShapes.map(\.channels) == [HighlightPlan.gainCount],
            network.graph.outputShapes.first?.scale == Scale(1, 2)
        else {
            throw FilterError.unsuitableModel(
                name: plan.identity.name, reason: "the highlight network takes six maps and gives three of half their size")
        }
        runner = try await NetworkEngine(network, on: device).plan(width: plan.grid.width, height: plan.grid.height)
    }

    /// Records one picture.
    func record(from maps: Buffer, to gains: Buffer, into recorder: inout CommandRecorder) throws {
        try runner.record(into: &recorder, inputs: [maps.all], outputs: [gains.all])
    }
}
