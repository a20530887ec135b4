import GPU
import Networks
import Picture

/// The network that corrects chroma by luma, made ready for planes of one size on one device.
struct ChromaNetwork {
    private let runner: NetworkRunner

    /// Loads the model, uploads its weights and takes its memory.
    init(_ model: ModelIdentity, size: PictureSize, device: Device, within allowance: inout NetworkAllowance) async throws {
        let network = try ModelLibrary.network(model.name)
        guard network.graph.inputs.map(\.shape.channels) == [1, 1, 1], network.graph.outputShapes.map(\.channels) == [1, 1] else {
            throw FilterError.unsuitableModel(name: model.name, reason: "a chroma network takes luma, Cb and Cr and gives Cb and Cr")
        }
        runner = try allowance.plan(try await NetworkEngine(network, on: device), size: size)
    }

    /// Records one picture; all planes have the size that was named.
    func record(luma: Buffer, from chroma: [Buffer], to targets: [Buffer], into recorder: inout CommandRecorder) throws {
        try runner.record(into: &recorder, inputs: [luma.all] + chroma.map(\.all), outputs: targets.map(\.all))
    }
}
