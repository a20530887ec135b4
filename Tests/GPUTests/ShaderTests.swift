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
        #expect(interface.addressCount > 0 || interface.bindings.contains { $0.access != .read })
    }

    @Test("the interface of a known kernel is read from its SPIR-V")
    func interface() throws {
        let interface = try ShaderInterface(.memoryCombine)
        #expect(interface.bindings.map(\.access) == [.read, .read, .write])
        #expect(interface.bindings.allSatisfy { !$0.isUniform })
        #expect(interface.pushConstantMembers.map(\.offset) == [0])
        #expect(interface.pushConstantMembers.map(\.size) == [4])
        let fill = try ShaderInterface(.memoryFill)
        let offsets = [MemoryLayout<FillParameters>.offset(of: \.count), MemoryLayout<FillParameters>.offset(of: \.word)]
        #expect(fill.pushConstantMembers.map(\.offset) == offsets.compactMap { $0 })
        #expect(fill.pushConstantSize == MemoryLayout<FillParameters>.size)
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
