import FoundationEssentials
import GPU
import Networks
import Testing

/// Engine and reference executor against what PyTorch made of the same networks and inputs: the files of `Fixtures/`.
@Suite struct PyTorchTests {
    /// A network, inputs, and the outputs that PyTorch gives in 32-bit floats.
    struct Fixture {
        let network: Network
        let inputs: [Tensor]
        let outputs: [Tensor]

        init(_ name: String) throws {
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
            let file = try Safetensors(contentsOf: folder.appending(path: "\(name).safetensors").path())
            if let model = file.metadata["model"] {
                let key = file.metadata["graph_key"] ?? "graph"
                network = try ModelLibrary.network(String(model.dropLast(".safetensors".count)), graph: key)
            } else {
                network = try Network(file)
            }
            inputs = try network.graph.inputs.map { try #require(file.tensors["fixture.input.\($0.name)"]) }
            outputs = try network.graph.outputs.map { try #require(file.tensors["fixture.output.\($0)"]) }
        }
    }

    static let names: [String] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(".safetensors".count)) }.sorted()
    }()

    private func worst(_ results: [Tensor], _ expected: [Tensor]) -> Double {
        guard results.map(\.shape) == expected.map(\.shape) else { return .infinity }
        return zip(results, expected).flatMap { zip($0.values, $1.values) }.map { Double(abs($0 - $1)) }.max() ?? .infinity
    }

    @Test("there is a fixture for every operator and for every embedded network")
    func present() {
        #expect(Self.names.contains("operators"))
        for name in ModelLibrary.names { #expect(Self.names.contains(name), "\(name)") }
    }

    @Test("the reference executor agrees with PyTorch", arguments: names)
    func reference(name: String) throws {
        let fixture = try Fixture(name)
        #expect(worst(try ReferenceExecutor.run(fixture.network, inputs: fixture.inputs), fixture.outputs) < 1e-4)
    }

    @Test("the device agrees with PyTorch", arguments: names)
    func device(name: String) async throws {
        let fixture = try Fixture(name)
        let engine = try await NetworkEngine(fixture.network, on: TestDevice.shared.get(), precision: .single)
        let size = fixture.inputs.first { $0.shape.count == 3 }?.shape ?? [1, 1, 1]
        let runner = try engine.plan(width: size[2], height: size[1])
        #expect(worst(try await runner.run(fixture.inputs), fixture.outputs) < 1e-4)
    }
}
