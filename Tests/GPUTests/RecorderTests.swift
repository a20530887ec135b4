import GPU
import Testing

@Suite struct RecorderTests {
    private static let count = 10_000
    private static let line = WorkgroupSize(64)

    @Test("copies, fills and kernels run in the order in which they were recorded")
    func ordering() throws {
        let device = try TestDevice.open()
        let combine = try device.pipeline(.memoryCombine, workgroup: Self.line)
        let bytes = Self.count * 4
        let start = try device.makeBuffer(byteCount: bytes, memory: .upload)
        let result = try device.makeBuffer(byteCount: bytes, memory: .download)
        let (a, b, c) = (
            try device.makeBuffer(byteCount: bytes), try device.makeBuffer(byteCount: bytes), try device.makeBuffer(byteCount: bytes)
        )
        try start.write((0..<UInt32(Self.count)).map { $0 })

        // Thirty dependent steps in rotating buffers: read-after-write, write-after-read and write-after-write each time.
        var recorder = try device.makeRecorder()
        try recorder.copy(from: start.all, to: a.all)
        try recorder.fill(b.all, word: 7)
        var ring = [a, b, c]
        for _ in 0..<30 {
            try recorder.dispatch(
                combine, [ring[0].all, ring[1].all, ring[2].all], push: CombineParameters(count: UInt32(Self.count)),
                invocations: (Self.count, 1, 1))
            ring = [ring[1], ring[2], ring[0]]
        }
        try recorder.copy(from: ring[1].all, to: result.all)
        try recorder.submit().waitBlocking()

        let expected = (0..<UInt32(Self.count)).map { index in
            var pair = (index, UInt32(7))
            for _ in 0..<30 { pair = (pair.1, 3 &* pair.0 &+ pair.1) }
            return pair.1
        }
        #expect(try result.read(UInt32.self, count: Self.count) == expected)
    }

    @Test("a submission sees the writes of those before it, and waits may come in any order")
    func submissions() async throws {
        let device = try TestDevice.open()
        let fill = try device.pipeline(.memoryFill, workgroup: Self.line)
        let combine = try device.pipeline(.memoryCombine, workgroup: Self.line)
        let bytes = Self.count * 4
        let (a, b) = (try device.makeBuffer(byteCount: bytes), try device.makeBuffer(byteCount: bytes, memory: .download))
        var submissions: [Submission] = []
        for step in 0..<8 {
            var recorder = try device.makeRecorder()
            if step.isMultiple(of: 2) {
                let word = FillParameters(count: UInt32(Self.count), word: UInt32(step))
                try recorder.dispatch(fill, [a.all], push: word, invocations: (Self.count, 1, 1))
            } else {
                try recorder.dispatch(
                    combine, [a.all, a.all, b.all], push: CombineParameters(count: UInt32(Self.count)), invocations: (Self.count, 1, 1))
            }
            submissions.append(try recorder.submit())
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for submission in submissions.reversed() { group.addTask { try await submission.wait() } }
            try await group.waitForAll()
        }
        #expect(try submissions.allSatisfy { try $0.isComplete })
        #expect(try b.read(UInt32.self, count: Self.count) == [UInt32](repeating: 24, count: Self.count))
        #expect(device.statistics.submissions == 0)
    }

    @Test("what a submission uses lives until it has run, then everything is freed")
    func retire() throws {
        let device = try TestDevice.open()
        let submission: Submission
        do {
            let fill = try device.pipeline(.memoryFill, workgroup: Self.line)
            let buffer = try device.makeBuffer(byteCount: 1 << 20)
            var recorder = try device.makeRecorder()
            let words = FillParameters(count: 1 << 18, word: 1)
            try recorder.dispatch(fill, [buffer.all], push: words, invocations: (1 << 18, 1, 1))
            submission = try recorder.submit()
        }
        try submission.waitBlocking()
        #expect(device.statistics.buffers == 0)
        #expect(device.statistics.submissions == 0)
        do { _ = try device.makeRecorder() }  // dropped unsubmitted: its context is kept for the next
        #expect(device.statistics.commandContexts == 1)
    }

    @Test("an unwaited submission does not outlive its device")
    func unwaited() throws {
        let device = try TestDevice.open()
        let buffer = try device.makeBuffer(byteCount: 1 << 20, memory: .download)
        var recorder = try device.makeRecorder()
        try recorder.fill(buffer.all, word: 5)
        _ = try recorder.submit()
        // The buffer's handle holds the logical device, not the queue: both go when the test ends, in either order.
    }

    @Test("bindings and push constants that the kernel does not declare are refused")
    func mismatches() throws {
        let device = try TestDevice.open()
        let fill = try device.pipeline(.memoryFill, workgroup: Self.line)
        let buffer = try device.makeBuffer(byteCount: 4096)
        var recorder = try device.makeRecorder()
        let right = FillParameters(count: 1, word: 1)
        #expect(throws: GPUError.self) { try recorder.dispatch(fill, [buffer.all], push: UInt32(1), invocations: (1, 1, 1)) }
        #expect(throws: GPUError.self) { try recorder.dispatch(fill, [buffer.all, buffer.all], push: right, invocations: (1, 1, 1)) }
        #expect(throws: GPUError.self) {
            try recorder.dispatch(fill, [buffer.slice(byteOffset: 4, byteCount: 4)], push: right, invocations: (1, 1, 1))
        }
        #expect(throws: GPUError.self) { try recorder.copy(from: buffer.all, to: buffer.all) }
        #expect(throws: GPUError.self) { try recorder.fill(buffer.slice(byteOffset: 0, byteCount: 3), word: 0) }
        #expect(throws: GPUError.self) { try device.pipeline(.memoryFill, workgroup: WorkgroupSize(1 << 20)) }
        #expect(throws: GPUError.self) { try device.pipeline(.memoryFill, workgroup: Self.line, constants: [9: 1]) }
    }

    @Test("a binding is no larger than the device allows, nor than its opener asked for")
    func bindingRange() throws {
        let device = try Instance().openDevice(options: DeviceOptions(maxStorageBufferRange: 1024))
        #expect(device.limits.maxStorageBufferRange == 1024)
        let fill = try device.pipeline(.memoryFill, workgroup: Self.line)
        let buffer = try device.makeBuffer(byteCount: 4096)
        var recorder = try device.makeRecorder()
        let push = FillParameters(count: 256, word: 1)
        #expect(throws: GPUError.self) { try recorder.dispatch(fill, [buffer.all], push: push, invocations: (256, 1, 1)) }
        try recorder.dispatch(fill, [buffer.slice(byteOffset: 0, byteCount: 1024)], push: push, invocations: (256, 1, 1))
        let least = try TestDevice.open().limits.maxStorageBufferRange
        #expect(try Instance().openDevice(options: DeviceOptions(maxStorageBufferRange: .max)).limits.maxStorageBufferRange == least)
    }

    @Test("a kernel reaches a slice of any length by its address, at whole multiples of 16 bytes")
    func addresses() throws {
        let device = try Instance().openDevice(options: DeviceOptions(maxStorageBufferRange: 1024))
        let place = try device.pipeline(.linePlace, workgroup: WorkgroupSize(8, 4))
        let (width, height) = (64, 16)
        let source = try device.makeBuffer(byteCount: width * height * 4 + 16, memory: .upload)
        let rows = try device.makeBuffer(byteCount: height * 9 * 4, memory: .upload)
        let target = try device.makeBuffer(byteCount: width * height * 4, memory: .download)
        let samples = (0..<width * height).map { Float($0) }
        try source.write(samples, at: 16)
        // Every line one to the left.
        try rows.write((0..<height).flatMap { _ in [Float(1), 1, 0, 0, 0, 0, 0, 0, 0] })
        let push = SIMD2(UInt32(width), UInt32(height))
        var recorder = try device.makeRecorder()
        let moved = try source.slice(byteOffset: 16, byteCount: width * height * 4)
        let crooked = try source.slice(byteOffset: 4, byteCount: width * height * 4)
        #expect(throws: GPUError.self) {
            try recorder.dispatch(place, [crooked, rows.all, target.all], push: push, invocations: (width, height, 1))
        }
        #expect(throws: GPUError.self) { try recorder.dispatch(place, [moved, rows.all], push: push, invocations: (width, height, 1)) }
        try recorder.dispatch(place, [moved, rows.all, target.all], push: push, invocations: (width, height, 1))
        try recorder.submit().waitBlocking()
        let wanted = (0..<width * height).map { samples[$0 % width == width - 1 ? $0 : $0 + 1] }
        #expect(try target.read(Float.self, count: width * height) == wanted)
    }

    @Test("work goes to the device in parts, in its order, and is done when the last one is")
    func parts() throws {
        let device = try Instance().openDevice(options: DeviceOptions(largestSubmission: 10))
        let combine = try device.pipeline(.memoryCombine, workgroup: Self.line)
        let bytes = Self.count * 4
        let result = try device.makeBuffer(byteCount: bytes, memory: .download)
        let buffers = (
            try device.makeBuffer(byteCount: bytes), try device.makeBuffer(byteCount: bytes), try device.makeBuffer(byteCount: bytes)
        )
        var submissions: [Submission] = []
        for round in 0..<4 {
            // The last round works with what the first ones have left.
            if round == 3 { try submissions.last?.waitBlocking() }
            var recorder = try device.makeRecorder()
            var ring = [buffers.0, buffers.1, buffers.2]
            recorder.stage("fill")
            try recorder.fill(ring[0].all, word: UInt32(round))
            try recorder.fill(ring[1].all, word: 7)
            recorder.stage("combine")
            for _ in 0..<30 {
                try recorder.dispatch(
                    combine, [ring[0].all, ring[1].all, ring[2].all], push: CombineParameters(count: UInt32(Self.count)),
                    invocations: (Self.count, 1, 1), operations: 4)
                ring = [ring[1], ring[2], ring[0]]
            }
            try recorder.copy(from: ring[1].all, to: result.all)
            submissions.append(try recorder.submit())
        }
        // Two kernels of 4 in 10; nothing is awaited between the first rounds.
        #expect(submissions.map(\.partCount) == [15, 15, 15, 15])
        for submission in submissions.reversed() {
            let times = try submission.waitBlocking()
            if device.features.timestamps { #expect(times.map(\.name) == ["fill", "combine"]) }
        }
        var pair = (UInt32(3), UInt32(7))
        for _ in 0..<30 { pair = (pair.1, 3 &* pair.0 &+ pair.1) }
        #expect(try result.read(UInt32.self, count: Self.count) == [UInt32](repeating: pair.1, count: Self.count))
        #expect(device.statistics.submissions == 0)
        // Dropped half recorded: none of its parts runs, and its context is kept.
        let contexts = device.statistics.commandContexts
        do {
            var recorder = try device.makeRecorder()
            for _ in 0..<5 {
                try recorder.dispatch(
                    combine, [buffers.0.all, buffers.1.all, result.all], push: CombineParameters(count: UInt32(Self.count)),
                    invocations: (Self.count, 1, 1), operations: 100)
            }
        }
        #expect(device.statistics.commandContexts == contexts)
        #expect(try result.read(UInt32.self, count: 1) == [pair.1])
    }

    @Test("each named stage has a time, in the order of first appearance")
    func stages() throws {
        let device = try TestDevice.open()
        let buffer = try device.makeBuffer(byteCount: 1 << 22)
        var recorder = try device.makeRecorder()
        for name in ["first", "second", "first"] {
            recorder.stage(name)
            try recorder.fill(buffer.all, word: 3)
        }
        let times = try recorder.submit().waitBlocking()
        if device.features.timestamps {
            #expect(times.map(\.name) == ["first", "second"])
            #expect(times.allSatisfy { $0.duration >= .zero })
        }
    }
}
