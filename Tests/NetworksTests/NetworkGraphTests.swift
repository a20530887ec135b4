import FoundationEssentials
import Networks
import Testing

@Suite struct NetworkGraphTests {
    @Test("the cost, halo and alignment of a known network are what its layers give")
    func costs() throws {
        var test = TestNetwork()
        test.inputs = #"[{"name": "in", "channels": 1}]"#
        test.addConvolution("a", from: "in", 1, 8)
        test.addConvolution("b", from: "a", 8, 4)
        test.layers.append(#"{"op": "pixel_shuffle", "inputs": ["b"], "output": "c", "factor": 2}"#)
        test.addConvolution("out", from: "c", 1, 1)
        let network = try test.network()
        #expect(network.macsPerReferencePixel == Double(9 * 8 + 9 * 32 + 4 * 9))
        // Two samples at full size and one at double size: 2.5, rounded up.
        #expect(network.halo == 3)
        #expect(network.alignment == 1)
        #expect(network.graph.outputShapes.map(\.scale) == [Scale(2, 1)])
    }

    @Test("unshuffling demands an aligned size, a mean over the picture has no halo")
    func alignment() throws {
        var test = TestNetwork(channels: 1, #"{"op": "pixel_unshuffle", "inputs": ["in"], "output": "u", "factor": 2}"#)
        test.addConvolution("a", from: "u", 4, 4)
        test.layers.append(#"{"op": "pixel_shuffle", "inputs": ["a"], "output": "out", "factor": 2}"#)
        let network = try test.network()
        #expect(network.alignment == 2)
        #expect(network.halo == 2)
        let pool = try TestNetwork(#"{"op": "global_avg_pool", "inputs": ["in"], "output": "out"}"#).network()
        #expect(pool.halo == nil)
        #expect(pool.alignment == 1)
    }

    @Test(
        "a graph that breaks a rule is refused with the layer's name",
        arguments: [
            #"{"op": "polish", "inputs": ["in"], "output": "out"}"#,
            #"{"op": "add", "inputs": ["in"], "output": "out"}"#,
            #"{"op": "add", "inputs": ["in", "missing"], "output": "out"}"#,
            #"{"op": "add", "inputs": ["in", "out"], "output": "out"}"#,
            #"{"op": "slice", "inputs": ["in"], "output": "out", "start": 2, "count": 2}"#,
            #"{"op": "slice", "inputs": ["in"], "output": "out", "start": 0, "count": 1, "step": 2}"#,
            #"{"op": "pixel_shuffle", "inputs": ["in"], "output": "out", "factor": 2}"#,
            #"{"op": "resize", "inputs": ["in"], "output": "out", "mode": "area", "scale": [1, 2]}"#,
            #"{"op": "resize", "inputs": ["in"], "output": "out", "mode": "bilinear", "scale": [0, 2]}"#,
            #"{"op": "resize", "inputs": ["in"], "output": "out", "mode": "bilinear", "scale": [1000000, 1]}"#,
            #"{"op": "activation", "inputs": ["in"], "output": "out"}"#,
            #"{"op": "activation", "inputs": ["in"], "output": "out", "activation": {"kind": "clamp", "min": 1, "max": 0}}"#,
            #"{"op": "activation", "inputs": ["in"], "output": "out", "activation": {"kind": "prelu", "slope": "none"}}"#,
            #"{"op": "film", "inputs": ["in", "in"], "output": "out"}"#,
            #"{"op": "warp", "inputs": ["in", "in"], "output": "out"}"#,
            #"{"op": "linear", "inputs": ["in"], "output": "out", "out_features": 3, "weight": "w"}"#,
            #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 5, "out_channels": 4, "weight": "w"}"#,
            #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 3, "out_channels": 4, "weight": "none"}"#,
            #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 3, "out_channels": 5, "weight": "w"}"#,
            #"{"op": "conv2d", "inputs": ["in"], "output": "out", "kernel": 3, "out_channels": 4, "weight": "w", "groups": 2}"#,
        ])
    func refused(layer: String) throws {
        let test = TestNetwork(layer, tensors: [("w", [4, 3, 3, 3])])
        let error = #expect(throws: NetworkError.self) { try test.network() }
        guard case .invalidGraph("out", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("missing metadata is named")
    func metadata() throws {
        var test = TestNetwork(#"{"op": "add", "inputs": ["in", "in"], "output": "out"}"#)
        test.metadata["license"] = nil
        #expect(throws: NetworkError.missingMetadata(key: "license")) { try test.network() }
    }

    @Test("the embedded networks are those of the folder, and all can be read")
    func library() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Models").path())
        let suffix = ".safetensors"
        let names = files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
        #expect(ModelLibrary.names == names, "run Scripts/models")
        for name in ModelLibrary.names {
            let file = try ModelLibrary.file(name)
            for key in file.metadata.keys where key == "graph" || key.hasPrefix("graph.") {
                let network = try ModelLibrary.network(name, graph: key)
                #expect(!network.graph.layers.isEmpty)
            }
        }
        #expect(throws: NetworkError.unknownModel(name: "none", available: ModelLibrary.names)) { try ModelLibrary.network("none") }
    }
}
