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

        package init(isUniform: Bool, access: Access) {
            self.isUniform = isUniform
            self.access = access
        }
    }

    /// One member of the push-constant block, in bytes.
    package struct Member: Sendable, Equatable {
        package var offset: Int
        package var size: Int
    }

    package var bindings: [Binding]
    /// How the kernel reaches what the addresses in its push-constant block point to. They are the first members, 8 bytes each.
    package var addresses: [Access]
    /// The other members of the push-constant block, in the order of declaration; offsets are from the first of them.
    package var parameters: [Member]
    /// Bytes from the start of the push-constant block to the first of `parameters`.
    package var parameterOffset: Int
    /// Identifiers of the specialization constants.
    package var specializationIDs: Set<UInt32>

    /// Bytes of a kernel's address.
    static let addressSize = 8
    /// Bytes from the first parameter to the end of the last one.
    package var parameterSize: Int { parameters.map { $0.offset + $0.size }.max() ?? 0 }
    /// Bytes from the start of the push-constant block to the end of its last member.
    package var pushConstantSize: Int { parameterOffset + parameterSize }

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
