import FoundationEssentials

/// A network's steps in order, checked: every name is defined once and before its use, every shape and tensor fits.
package struct NetworkGraph: Sendable, Equatable {
    package struct Input: Sendable, Equatable {
        package let name: String
        package let shape: ValueShape
    }

    /// The only format version there is.
    package static let format = "remaster-network/1"
    /// Bounds that keep a hostile graph from costing more than its file.
    static let maximumLayers = 1024
    static let maximumChannels = 4096

    package let inputs: [Input]
    package let outputs: [String]
    package let layers: [Layer]
    /// Shape of every value.
    package let shapes: [String: ValueShape]

    /// Shapes of the outputs, in order.
    package var outputShapes: [ValueShape] { outputs.compactMap { shapes[$0] } }

    /// Reads a graph and checks it against the tensors it names.
    ///
    /// - Throws: `invalidGraph`.
    package init(json text: String, tensors: [String: Tensor]) throws(NetworkError) {
        guard let object = JSONValue(parsing: Data(text.utf8))?.object else {
            throw .invalidGraph(layer: "graph", detail: "no JSON object")
        }
        var fields = GraphFields(object, layer: "graph")
        let format = try fields.string("format")
        guard format == Self.format else {
            throw .invalidGraph(layer: "graph", detail: "format '\(format)'; allowed '\(Self.format)'")
        }
        var shapes: [String: ValueShape] = [:]
        var inputs: [Input] = []
        for entry in try fields.objects("inputs") {
            let input = try Self.input(entry)
            guard shapes.updateValue(input.shape, forKey: input.name) == nil else {
                throw .invalidGraph(layer: "inputs", detail: "'\(input.name)' is given twice")
            }
            inputs.append(input)
        }
        var layers: [Layer] = []
        let entries = try fields.objects("layers")
        guard entries.count <= Self.maximumLayers else { throw .invalidGraph(layer: "graph", detail: "\(entries.count) layers") }
        for entry in entries {
            let layer = try Layer(entry)
            guard shapes[layer.output] == nil else { throw .invalidGraph(layer: layer.output, detail: "its output name is taken") }
            shapes[layer.output] = try ShapeRules(layer: layer, tensors: tensors).outputShape(given: shapes)
            layers.append(layer)
        }
        let outputs = try fields.strings("outputs")
        for name in outputs where shapes[name] == nil {
            throw .invalidGraph(layer: "outputs", detail: "'\(name)' is not defined")
        }
        guard !inputs.isEmpty, !outputs.isEmpty, !layers.isEmpty else {
            throw .invalidGraph(layer: "graph", detail: "inputs, outputs and layers may not be empty")
        }
        try fields.finish()
        self.inputs = inputs
        self.outputs = outputs
        self.layers = layers
        self.shapes = shapes
    }

    private static func input(_ entry: [String: JSONValue]) throws(NetworkError) -> Input {
        var fields = GraphFields(entry, layer: "inputs")
        let name = try fields.string("name")
        let kindText = try fields.optionalString("kind") ?? "map"
        guard let kind = ValueShape.Kind(rawValue: kindText) else {
            throw .invalidGraph(layer: "inputs", detail: "kind '\(kindText)'; allowed map, vector")
        }
        let channels = try fields.integer("channels", in: 1...maximumChannels)
        let scale = try fields.scale("scale") ?? .one
        try fields.finish()
        guard kind == .map || scale == .one else { throw .invalidGraph(layer: "inputs", detail: "a vector has no scale") }
        return Input(name: name, shape: ValueShape(kind: kind, channels: channels, scale: scale))
    }
}
