import Crypto
import Models

/// A network as its file has it: graph, weights and where it comes from. Checked, on no device yet.
package struct Network: Sendable {
    package let name: String
    package let version: String
    package let license: String
    /// SHA-256 of the recipe that trained it, as the training code writes it.
    package let recipeSHA256: String
    /// All of the file's metadata.
    package let metadata: [String: String]
    package let graph: NetworkGraph
    package let tensors: [String: Tensor]

    /// - Parameter key: metadata key of the graph, for files that hold several.
    /// - Throws: `missingMetadata` or `invalidGraph`.
    package init(_ file: Safetensors, graph key: String = "graph") throws(NetworkError) {
        func text(_ key: String) throws(NetworkError) -> String {
            guard let text = file.metadata[key], !text.isEmpty else { throw .missingMetadata(key: key) }
            return text
        }
        name = try text("name")
        version = try text("version")
        license = try text("license")
        recipeSHA256 = try text("recipe_sha256")
        graph = try NetworkGraph(json: try text(key), tensors: file.tensors)
        metadata = file.metadata
        tensors = file.tensors
    }

    /// A network made in the program, for measurements.
    init(name: String, graph: String, tensors: [String: Tensor]) throws(NetworkError) {
        self.name = name
        version = "0"
        license = ""
        recipeSHA256 = ""
        metadata = [:]
        self.graph = try NetworkGraph(json: graph, tensors: tensors)
        self.tensors = tensors
    }

    /// - Throws: `malformedFile`, `missingMetadata` or `invalidGraph`.
    package init(contentsOf path: String, graph key: String = "graph") throws(NetworkError) {
        self = try Network(Safetensors(contentsOf: path), graph: key)
    }

    /// Reference samples on each side that an output sample can depend on; nil when it sees the whole picture.
    package var halo: Int? { graph.halo }
    /// See `NetworkGraph.alignment`.
    package var alignment: Int { graph.alignment }
    /// Multiplications per sample of the reference size.
    package var macsPerReferencePixel: Double { graph.multiplicationsPerReferenceSample }
}

/// The networks embedded in the program: the files of `Models/`.
package enum ModelLibrary {
    /// Names of the files, without `.safetensors`, in order.
    package static var names: [String] {
        (0..<remaster_model_count()).compactMap { remaster_model_name($0).map { String(cString: $0) } }
    }

    /// A network of the library.
    ///
    /// - Throws: `unknownModel`, or what the file's own defects cause.
    package static func network(_ name: String, graph key: String = "graph") throws(NetworkError) -> Network {
        try Network(file(name), graph: key)
    }

    /// The file itself, for those that want its metadata alone.
    package static func file(_ name: String) throws(NetworkError) -> Safetensors {
        try Safetensors(bytes(name))
    }

    /// SHA-256 of the file, in lower-case hexadecimal: what tells two trainings of one recipe apart.
    package static func sha256(_ name: String) throws(NetworkError) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: try bytes(name))
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ name: String) throws(NetworkError) -> UnsafeRawBufferPointer {
        let names = names
        guard let index = names.firstIndex(of: name) else { throw .unknownModel(name: name, available: names) }
        var size = 0
        guard let bytes = remaster_model_bytes(index, &size) else { throw .unknownModel(name: name, available: names) }
        return UnsafeRawBufferPointer(start: bytes, count: size)
    }
}
