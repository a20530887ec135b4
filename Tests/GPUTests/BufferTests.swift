import GPU
import Testing

@Suite struct BufferTests {
    @Test("what the host writes is what it reads, in every kind of memory", arguments: [BufferMemory.upload, .download])
    func roundTrip(memory: BufferMemory) throws {
        let buffer = try TestDevice.open().makeBuffer(byteCount: 40, memory: memory)
        try buffer.write([Float](arrayLiteral: 1, -2.5, .infinity), at: 8)
        #expect(try buffer.read(Float.self, count: 3, at: 8) == [1, -2.5, .infinity])
    }

    @Test("reads and writes past the end are refused, also where sums would overflow")
    func bounds() throws {
        let buffer = try TestDevice.open().makeBuffer(byteCount: 16, memory: .upload)
        #expect(throws: GPUError.self) { try buffer.write([UInt32](repeating: 0, count: 5)) }
        #expect(throws: GPUError.self) { try buffer.read(UInt32.self, count: 1, at: 13) }
        #expect(throws: GPUError.self) { try buffer.read(UInt64.self, count: Int.max) }
        #expect(throws: GPUError.self) { try buffer.slice(byteOffset: Int.max, byteCount: 2) }
        #expect(throws: GPUError.self) { try buffer.slice(byteOffset: 0, byteCount: 0) }
    }

    @Test("a buffer past the budget is refused and takes nothing")
    func budget() throws {
        let device = try TestDevice.open(memoryBudget: 1 << 20)
        let first = try device.makeBuffer(byteCount: 700_000)
        let taken = device.memoryBudget - device.memoryAvailable
        #expect(taken >= 700_000)
        #expect(throws: GPUError.self) { try device.makeBuffer(byteCount: 700_000) }
        #expect(device.memoryBudget - device.memoryAvailable == taken)
        #expect(throws: GPUError.self) { try device.makeBuffer(byteCount: 0) }
        #expect(throws: GPUError.self) { try device.makeBuffer(byteCount: Int.max) }
        withExtendedLifetime(first) {}
    }

    @Test("what other processes hold bounds the memory beside the budget, and is refused in other words")
    func unclaimed() throws {
        let instance = try Instance()
        let options = DeviceOptions(memoryBudget: 1 << 20, shares: 2, unclaimedMemory: { 1000 })
        let device = try instance.openDevice(options: options)
        #expect(device.memoryBudget == 1 << 20 && device.memoryReach == 1000)
        #expect(device.memoryAvailable == 1000 && device.memoryShare == 500)
        try device.requireMemory(1000)
        #expect(throws: GPUError.outOfMemory(operation: "taking 1001 bytes beside other processes")) { try device.requireMemory(1001) }
        #expect(throws: GPUError.memoryBudgetExceeded(requested: 2 << 20, inUse: 0, budget: 1 << 20)) {
            try device.requireMemory(2 << 20)
        }
        let own = try instance.openDevice()
        // The host's free memory of the moment is nothing to go by.
        if own.description.kind == .cpu { #expect(own.memoryReach == own.memoryBudget) }
        #expect(own.memoryReach <= own.memoryBudget && own.memoryShare == own.memoryReach)
    }

    @Test("a settled device has let go of what only its work had held")
    func settled() async throws {
        let device = try TestDevice.open()
        do {
            let buffer = try device.makeBuffer(byteCount: 1 << 16)
            var recorder = try device.makeRecorder()
            try recorder.fill(buffer.all, word: 1)
            _ = try recorder.submit()
        }
        try await device.settle()
        #expect(device.memoryInUse == 0 && device.statistics.submissions == 0)
    }

    @Test("dropped buffers give their memory back")
    func release() throws {
        let device = try TestDevice.open()
        do {
            let buffer = try device.makeBuffer(byteCount: 1 << 16)
            #expect(device.statistics.buffers == 1)
            #expect(device.statistics.bufferBytes >= buffer.byteCount)
        }
        #expect(device.statistics.buffers == 0)
        #expect(device.statistics.bufferBytes == 0)
    }
}
