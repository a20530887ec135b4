/// What can be wrong with a network file, or with how a network is used.
package enum NetworkError: Error, Equatable, Sendable {
    /// The file is no well-formed safetensors file; `detail` says what was found and what is allowed.
    case malformedFile(detail: String)
    /// The metadata lacks this key.
    case missingMetadata(key: String)
    /// The graph breaks a rule of its format; `layer` is the output name of the layer, or "inputs", "outputs", "graph".
    case invalidGraph(layer: String, detail: String)
    /// No embedded network has this name; `available` are those there are.
    case unknownModel(name: String, available: [String])
    /// The given size or buffers do not fit the network.
    case invalidUse(detail: String)
    /// Even the smallest tile needs more than the budget. Both in bytes.
    case memoryBudgetTooSmall(needed: Int, budget: Int)
    /// The device's result differs from the reference executor's: its driver is not to be trusted with this network.
    case deviceDisagrees(device: String, network: String, difference: Double)
}
