import FoundationEssentials
import GPU
import Testing

@Suite struct PipelineTests {
    private func temporaryPath() -> String {
        FileManager.default.temporaryDirectory.appending(path: "gpu-\(UUID().uuidString)").path()
    }

    @Test("equal descriptions share one pipeline; other constants make another")
    func sharing() async throws {
        let device = try TestDevice.open()
        let first = try device.pipeline(.memoryFill, workgroup: WorkgroupSize(64))
        #expect(try device.pipeline(.memoryFill, workgroup: WorkgroupSize(64)) === first)
        #expect(try device.pipeline(.memoryFill, workgroup: WorkgroupSize(32)) !== first)
        try await device.preparePipelines(
            [16, 32, 64].map { PipelineDescription(.memoryCombine, workgroup: WorkgroupSize($0)) })
        #expect(device.statistics.pipelines == 5)
    }

    @Test("the pipeline cache survives on disk, and a damaged file is passed over")
    func cache() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let device = try TestDevice.open(pipelineCache: path)
            _ = try device.pipeline(.memoryFill, workgroup: WorkgroupSize(64))
            try device.savePipelineCache()
        }
        let saved = try #require(FileManager.default.contents(atPath: path))
        #expect(saved.starts(with: Array("RMPC".utf8)))
        for damage in [Data(), saved.prefix(20), saved + [0], Data(repeating: 0xFF, count: 4000)] {
            try damage.write(to: URL(filePath: path))
            let device = try TestDevice.open(pipelineCache: path)
            _ = try device.pipeline(.memoryFill, workgroup: WorkgroupSize(64))
        }
    }

    @Test("pipelines that were made are kept without being asked for: once prepared at once, else when the device is closed")
    func kept() async throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let descriptions = [PipelineDescription(.memoryFill, workgroup: WorkgroupSize(64))]
        do {
            let device = try TestDevice.open(pipelineCache: path)
            #expect(device.keptPipelineBytes == 0)
            try await device.preparePipelines(descriptions)
            #expect(FileManager.default.fileExists(atPath: path))
            let other = try TestDevice.open(pipelineCache: path)
            #expect(other.keptPipelineBytes > 0)
            // Nothing new: nothing is written.
            try FileManager.default.removeItem(atPath: path)
            try await device.preparePipelines(descriptions)
            #expect(!FileManager.default.fileExists(atPath: path))
            _ = try other.pipeline(.memoryCombine, workgroup: WorkgroupSize(64))
        }
        #expect(try TestDevice.open(pipelineCache: path).keptPipelineBytes > 0)
    }

    @Test("a cache that cannot be written is an error to who asks for it, and none to who makes pipelines")
    func unwritable() async throws {
        let device = try TestDevice.open(pipelineCache: "/nonexistent-folder/pipelines")
        #expect(throws: GPUError.self) { try device.savePipelineCache() }
        try await device.preparePipelines([PipelineDescription(.memoryFill, workgroup: WorkgroupSize(64))])
    }
}
