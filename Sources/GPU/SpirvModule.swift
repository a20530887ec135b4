/// The few instructions of a SPIR-V module that say what a kernel binds (SPIR-V specification, section 3).
struct SpirvModule {
    enum StorageClass: UInt32 { case uniform = 2, pushConstant = 9, storageBuffer = 12 }

    struct Variable {
        var id: UInt32
        var pointerType: UInt32
        var storage: StorageClass
    }

    enum TypeShape {
        case scalar(bits: UInt32)
        case vector(element: UInt32, count: UInt32)
        case array(element: UInt32, lengthID: UInt32)
        case runtimeArray(element: UInt32)
        case structure(members: [UInt32])
        case pointer(target: UInt32)
    }

    var variables: [Variable] = []
    var types: [UInt32: TypeShape] = [:]
    var constants: [UInt32: UInt32] = [:]
    var bindings: [UInt32: UInt32] = [:]
    var sets: [UInt32: UInt32] = [:]
    var specializationIDs: Set<UInt32> = []
    /// Array stride in bytes, by type.
    var strides: [UInt32: UInt32] = [:]
    var nonWritable: Set<Key> = []
    var nonReadable: Set<Key> = []
    var offsets: [Key: UInt32] = [:]

    /// A struct type's member, or (with `whole`) a variable.
    struct Key: Hashable {
        static let whole = UInt32.max
        var id: UInt32
        var member: UInt32
    }

    private enum Opcode {
        static let typeInt: UInt32 = 21
        static let typeFloat: UInt32 = 22
        static let typeVector: UInt32 = 23
        static let typeArray: UInt32 = 28
        static let typeRuntimeArray: UInt32 = 29
        static let typeStruct: UInt32 = 30
        static let typePointer: UInt32 = 32
        static let constant: UInt32 = 43
        static let variable: UInt32 = 59
        static let decorate: UInt32 = 71
        static let memberDecorate: UInt32 = 72
    }

    private enum Decoration {
        static let specID: UInt32 = 1
        static let arrayStride: UInt32 = 6
        static let nonWritable: UInt32 = 24
        static let nonReadable: UInt32 = 25
        static let binding: UInt32 = 33
        static let descriptorSet: UInt32 = 34
        static let offset: UInt32 = 35
    }

    /// Reads a whole module; false when the words are no SPIR-V.
    mutating func parse(_ words: UnsafeBufferPointer<UInt32>) -> Bool {
        let headerWords = 5
        guard words.count > headerWords, words[0] == 0x0723_0203 else { return false }
        var place = headerWords
        while place < words.count {
            let length = Int(words[place] >> 16)
            guard length > 0, length <= words.count - place else { return false }
            read(opcode: words[place] & 0xFFFF, operands: Array(words[(place + 1)..<(place + length)]))
            place += length
        }
        return true
    }

    private mutating func read(opcode: UInt32, operands: [UInt32]) {
        func at(_ index: Int) -> UInt32 { operands.indices.contains(index) ? operands[index] : 0 }
        switch opcode {
        case Opcode.typeInt, Opcode.typeFloat: types[at(0)] = .scalar(bits: at(1))
        case Opcode.typeVector: types[at(0)] = .vector(element: at(1), count: at(2))
        case Opcode.typeArray: types[at(0)] = .array(element: at(1), lengthID: at(2))
        case Opcode.typeRuntimeArray: types[at(0)] = .runtimeArray(element: at(1))
        case Opcode.typeStruct: types[at(0)] = .structure(members: Array(operands.dropFirst()))
        case Opcode.typePointer: types[at(0)] = .pointer(target: at(2))
        case Opcode.constant: constants[at(1)] = at(2)
        case Opcode.variable:
            if let storage = StorageClass(rawValue: at(2)) {
                variables.append(Variable(id: at(1), pointerType: at(0), storage: storage))
            }
        case Opcode.decorate: decorate(Key(id: at(0), member: Key.whole), with: at(1), value: at(2))
        case Opcode.memberDecorate: decorate(Key(id: at(0), member: at(1)), with: at(2), value: at(3))
        default: break
        }
    }

    private mutating func decorate(_ key: Key, with decoration: UInt32, value: UInt32) {
        switch decoration {
        case Decoration.specID: specializationIDs.insert(value)
        case Decoration.arrayStride: strides[key.id] = value
        case Decoration.nonWritable: nonWritable.insert(key)
        case Decoration.nonReadable: nonReadable.insert(key)
        case Decoration.binding: bindings[key.id] = value
        case Decoration.descriptorSet: sets[key.id] = value
        case Decoration.offset: offsets[key] = value
        default: break
        }
    }

    /// Whether all members of a struct type are declared as not written, or as not read.
    func accessOfMembers(_ type: UInt32, count: Int) -> (isReadOnly: Bool, isWriteOnly: Bool) {
        let keys = (0..<count).map { Key(id: type, member: UInt32($0)) }
        return (keys.allSatisfy(nonWritable.contains), keys.allSatisfy(nonReadable.contains))
    }

    /// Bytes that a value of this type takes in a block; nil when it has no fixed size.
    func size(of type: UInt32) -> Int? {
        switch types[type] {
        case .scalar(let bits): Int(bits / 8)
        case .vector(let element, let count): size(of: element).map { $0 * Int(count) }
        case .array(let element, let lengthID):
            constants[lengthID].flatMap { length in
                strides[type].map { Int($0) * Int(length) } ?? size(of: element).map { $0 * Int(length) }
            }
        case .structure(let members):
            members.indices.last.flatMap { last in
                size(of: members[last]).map { $0 + Int(offsets[Key(id: type, member: UInt32(last))] ?? 0) }
            }
        // In a block only addresses into buffers are pointers.
        case .pointer: 8
        case .runtimeArray, nil: nil
        }
    }
}

extension ShaderInterface {
    init(_ module: SpirvModule, name: String) throws(GPUError) {
        var found: [UInt32: Binding] = [:]
        var members: [Member] = []
        var addresses: [Access] = []
        for variable in module.variables {
            guard case .pointer(let block)? = module.types[variable.pointerType], case .structure(let fields)? = module.types[block] else {
                throw .malformedShader(shader: name, detail: "variable \(variable.id) is no block")
            }
            if variable.storage == .pushConstant {
                for (index, field) in fields.enumerated() {
                    guard let size = module.size(of: field) else {
                        throw .malformedShader(shader: name, detail: "push constant \(index) has no fixed size")
                    }
                    let offset = Int(module.offsets[.init(id: block, member: UInt32(index))] ?? 0)
                    guard case .pointer(let target)? = module.types[field] else {
                        members.append(Member(offset: offset, size: size))
                        continue
                    }
                    guard offset == addresses.count * Self.addressSize, case .structure(let reached)? = module.types[target] else {
                        throw .malformedShader(shader: name, detail: "push constant \(index): addresses come first, without holes")
                    }
                    let access = module.accessOfMembers(target, count: reached.count)
                    addresses.append(access.isReadOnly ? .read : access.isWriteOnly ? .write : .readWrite)
                }
                continue
            }
            guard module.sets[variable.id] == 0, let number = module.bindings[variable.id] else {
                throw .malformedShader(shader: name, detail: "variable \(variable.id) is not in set 0")
            }
            let declared = module.accessOfMembers(block, count: fields.count)
            let whole = SpirvModule.Key(id: variable.id, member: SpirvModule.Key.whole)
            let isUniform = variable.storage == .uniform
            let isReadOnly = isUniform || module.nonWritable.contains(whole) || declared.isReadOnly
            let isWriteOnly = module.nonReadable.contains(whole) || declared.isWriteOnly
            let binding = Binding(isUniform: isUniform, access: isReadOnly ? .read : isWriteOnly ? .write : .readWrite)
            // Two views of one binding (say, as floats and as words) count as one, with the sum of their accesses.
            if let other = found[number], other != binding {
                guard other.isUniform == isUniform else {
                    throw .malformedShader(shader: name, detail: "binding \(number) is both storage and uniform")
                }
                found[number] = Binding(isUniform: isUniform, access: .readWrite)
            } else {
                found[number] = binding
            }
        }
        var ordered: [Binding] = []
        for number in 0..<UInt32(found.count) {
            guard let binding = found[number] else {
                throw .malformedShader(shader: name, detail: "bindings leave a hole at \(number)")
            }
            ordered.append(binding)
        }
        bindings = ordered
        let start = members.map(\.offset).min() ?? addresses.count * Self.addressSize
        guard start >= addresses.count * Self.addressSize else {
            throw .malformedShader(shader: name, detail: "addresses come first in the push constants")
        }
        parameters = members.map { Member(offset: $0.offset - start, size: $0.size) }
        parameterOffset = start
        self.addresses = addresses
        specializationIDs = module.specializationIDs
    }
}
