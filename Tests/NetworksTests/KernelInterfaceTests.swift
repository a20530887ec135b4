import GPU
import Networks
import Testing

@Suite struct KernelInterfaceTests {
    @Test("the twin of each push-constant block has its size, and no block has holes")
    func twins() throws {
        for (shader, size) in ParameterTwins.all {
            let interface = try ShaderInterface(shader)
            #expect(interface.parameterSize == size, "\(shader)")
            var end = 0
            for member in interface.parameters {
                #expect(member.offset == end, "\(shader)")
                end += member.size
            }
        }
    }

    @Test("every kernel of a network has a twin")
    func complete() {
        let covered = Set(ParameterTwins.all.map(\.shader.binaryName))
        for shader in ShaderName.allCases where shader.binaryName.hasPrefix("net_") {
            let base = covered.contains { shader.binaryName == $0 || shader.binaryName.hasPrefix("\($0)_") }
            #expect(base, "\(shader)")
        }
    }
}
