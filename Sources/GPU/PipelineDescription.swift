/// Invocations of one workgroup, per axis: specialization constants 0, 1 and 2 of every kernel.
package struct WorkgroupSize: Hashable, Sendable {
    package var x: Int
    package var y: Int
    package var z: Int

    package init(_ x: Int, _ y: Int = 1, _ z: Int = 1) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// The value of a specialization constant, 32 bits wide as SPIR-V has it.
package enum SpecializationValue: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
    case uint(UInt32)
    case int(Int32)
    case float(Float)
    case bool(Bool)

    package init(integerLiteral value: Int32) { self = .int(value) }
    package init(floatLiteral value: Float) { self = .float(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    /// The word that the driver is given (`VkBool32` for a Boolean).
    var word: UInt32 {
        switch self {
        case .uint(let value): value
        case .int(let value): UInt32(bitPattern: value)
        case .float(let value): value.bitPattern
        case .bool(let value): value ? 1 : 0
        }
    }
}

/// Everything that decides a pipeline's code; equal descriptions share one pipeline.
package struct PipelineDescription: Hashable, Sendable {
    package var shader: ShaderName
    package var workgroup: WorkgroupSize
    /// By constant id, 3 and up.
    package var constants: [UInt32: SpecializationValue]

    package init(_ shader: ShaderName, workgroup: WorkgroupSize, constants: [UInt32: SpecializationValue] = [:]) {
        self.shader = shader
        self.workgroup = workgroup
        self.constants = constants
    }
}
