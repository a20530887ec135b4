import CVulkan
import Shaders

/// What a kernel declares about itself, read from its SPIR-V: so nothing is declared twice.
package struct ShaderInterface: Sendable, Equatable {
    /// How a kernel reaches a binding.
    package enum Access: Sendable, Equatable { case read, write, readWrite }

    /// One buffer of set 0; its place in `bindings` is its number.
    package struct Binding: Sendable, Equatable {
        /// A uniform block; else a storage block.
        package var isUniform: Bool
        package var access: Access
    }

    /// One member of the push-constant block, in bytes.
    package struct Member: Sendable, Equatable {
        package var offset: Int
        package var size: Int
    }

    package var bindings: [Binding]
    /// In the order of declaration; empty without a push-constant block.
    package var pushConstantMembers: [Member]
    /// Members of the push-constant block that are addresses of buffers: what they reach must be told to the recorder.
    package var addressCount: Int
    /// Identifiers of the specialization constants.
    package var specializationIDs: Set<UInt32>

    /// Bytes from the start of the push-constant block to the end of its last member.
    package var pushConstantSize: Int { pushConstantMembers.map { $0.offset + $0.size }.max() ?? 0 }

    /// Reads the interface of an embedded kernel.
    package init(_ shader: ShaderName) throws(GPUError) {
        try self.init(words: shader.code, name: shader.binaryName)
    }

    init(words: UnsafeBufferPointer<UInt32>, name: String) throws(GPUError) {
        var module = SpirvModule()
        guard module.parse(words) else { throw .malformedShader(shader: name, detail: "no SPIR-V") }
        self = try ShaderInterface(module, name: name)
    }
}

extension ShaderName {
    /// The embedded SPIR-V words; they live as long as the process.
    package var code: UnsafeBufferPointer<UInt32> {
        var size = 0
        let bytes = remaster_shader_code(rawValue, &size)
        return UnsafeBufferPointer(start: bytes?.assumingMemoryBound(to: UInt32.self), count: size / 4)
    }
}
