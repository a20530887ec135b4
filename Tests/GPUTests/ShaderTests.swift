import FoundationEssentials
import GPU
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct ShaderTests {
    @Test("every kernel has a binary whose interface keeps the rules", arguments: ShaderName.allCases)
    func binaries(shader: ShaderName) throws {
        #expect(shader.code.count > 5)
        let interface = try ShaderInterface(shader)
        #expect(interface.pushConstantSize <= 128)
        #expect(interface.specializationIDs.isSuperset(of: [0, 1, 2]))
        #expect((interface.addresses + interface.bindings.map(\.access)).contains { $0 != .read })
    }

    @Test("the interface of a known kernel is read from its SPIR-V")
    func interface() throws {
        let interface = try ShaderInterface(.memoryCombine)
        #expect(interface.bindings.map(\.access) == [.read, .read, .write])
        #expect(interface.bindings.allSatisfy { !$0.isUniform })
        #expect(interface.parameters.map(\.offset) == [0])
        #expect(interface.parameters.map(\.size) == [4])
        let fill = try ShaderInterface(.memoryFill)
        let offsets = [MemoryLayout<FillParameters>.offset(of: \.count), MemoryLayout<FillParameters>.offset(of: \.word)]
        #expect(fill.parameters.map(\.offset) == offsets.compactMap { $0 })
        #expect(fill.pushConstantSize == MemoryLayout<FillParameters>.size)
    }

    @Test("addresses come first in the push constants, and what lies there is read or written as declared")
    func addresses() throws {
        let lock = try ShaderInterface(.planeLock)
        #expect(lock.addresses == [.readWrite, .read, .read])
        #expect(lock.bindings.isEmpty && lock.parameterOffset == 24 && lock.parameterSize == 16)
        let enlarge = try ShaderInterface(.planeEnlarge)
        #expect(enlarge.addresses == [.read, .write])
        #expect(enlarge.bindings == [ShaderInterface.Binding(isUniform: true, access: .read)])
        // Vectors of four floats begin at multiples of 16 bytes.
        let survey = try ShaderInterface(.pictureSurvey)
        #expect(survey.addresses == [.read, .read, .read] && survey.parameterOffset == 32)
        #expect(survey.parameters.first?.offset == 0)
    }

    @Test("the committed SPIR-V is what the compiler makes of the sources")
    func committedBinaries() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var output = [CChar](repeating: 0, count: 4096)
        let command = "cd '\(root.path())' && (glslc --version 2>&1 | head -1; Scripts/shaders --check 2>&1; echo exit $?)"
        let pipe = try #require(popen(command, "r"))
        let length = fread(&output, 1, output.count - 1, pipe)
        pclose(pipe)
        let text = String(decoding: output.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Other versions of the compiler make other, equally right code; the committed one is pinned to one version.
        if text.hasPrefix(ShaderName.compiler) { #expect(text.hasSuffix("exit 0\n"), "\(text)") }
    }
}
