import GPU
import Testing

@Suite struct ValidationTests {
    @Test("the validation layer has nothing to say about uploads, copies, fills, kernels and times, in one submission and in many")
    func work() throws {
        let instance = try Instance(validation: .whenInstalled)
        try #require(instance.isValidating, "Scripts/setup installs vulkan-validationlayers")
        for limit in [DeviceOptions().largestSubmission, 10] { try run(on: instance, limit: limit) }
        // The devices are closed: what they left open would be told too.
        #expect(instance.validationMessages == [])
    }

    private func run(on instance: Instance, limit: Double) throws {
        let device = try instance.openDevice(options: DeviceOptions(largestSubmission: limit))
        let line = WorkgroupSize(64)
        let (combine, fill) = (
            try device.pipeline(.memoryCombine, workgroup: line), try device.pipeline(.memoryFill, workgroup: line)
        )
        let count = 1000
        let upload = try device.makeBuffer(byteCount: count * 4, memory: .upload)
        let result = try device.makeBuffer(byteCount: count * 4, memory: .download)
        var ring = [try device.makeBuffer(byteCount: count * 4), try device.makeBuffer(byteCount: count * 4)]
        ring.append(try device.makeBuffer(byteCount: count * 4))
        for round in 0..<3 {
            try upload.write((0..<UInt32(count)).map { $0 })
            var recorder = try device.makeRecorder()
            recorder.stage("upload")
            try recorder.copy(from: upload.all, to: ring[0].all)
            try recorder.fill(ring[1].all, word: 5)
            recorder.stage("work")
            for _ in 0..<6 {
                // Reads what was just written, and writes what was just read.
                try recorder.dispatch(
                    combine, [ring[0].all, ring[1].all, ring[2].all], push: CombineParameters(count: UInt32(count)),
                    invocations: (count, 1, 1), operations: 4)
                ring = [ring[1], ring[2], ring[0]]
            }
            let words = FillParameters(count: UInt32(count / 2), word: UInt32(round))
            try recorder.dispatch(fill, [ring[0].all], push: words, invocations: (count / 2, 1, 1), operations: 4)
            recorder.stage("download")
            try recorder.copy(from: ring[0].all, to: result.all)
            try recorder.submit().waitBlocking()
            _ = try result.read(UInt32.self, count: count)
        }
    }
}
