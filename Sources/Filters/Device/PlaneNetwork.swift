import GPU
import Networks
import Picture

/// A network of the scaler, made ready for planes of one size on one device.
struct PlaneNetwork {
    private let runner: NetworkRunner

    /// Loads the model, uploads its weights and takes its memory.
    init(_ step: SuperResolutionStep, device: Device, within allowance: inout NetworkAllowance) async throws {
        let name = step.identity.name
        let network = try ModelLibrary.network(name)
        guard network.graph.inputs.count == 1, network.graph.inputs[0].shape.channels == 1, network.graph.outputShapes.count == 1,
            network.graph.outputShapes[0].channels == 1
        else { throw FilterError.unsuitableModel(name: name, reason: "a network of the scaler takes luma and gives luma") }
        let engine = try await NetworkEngine(network, on: device)
        runner = try allowance.plan(engine, size: step.inputSize)
    }

    /// Records one picture; both planes are as large as the step says.
    func record(from source: Buffer, to target: Buffer, into recorder: inout CommandRecorder) throws {
        try runner.record(into: &recorder, inputs: [source.all], outputs: [target.all])
    }
}
