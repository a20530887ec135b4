import ColorScience
import Filters
import GPU
import Picture
import Pipeline
import Synchronization
import Testing

/// Programs that do not all fit a device at a time.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DeviceRoomTests {
    /// A device of little memory, and programs that take nearly as much of it each.
    private struct Scene {
        let engine: Engine
        let programs: [PictureProgram]
        /// Bytes of the first program, which takes most.
        let bytes: Int

        var device: Device { engine.device }

        /// - Parameter room: for how many programs there is memory.
        init(programs count: Int, room: Double, unclaimed: (@Sendable () -> Int)? = nil) throws {
            let instance = try Instance()
            let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
            programs = try (0..<count).map { number in
                let format = PictureFormat(width: 960 - 2 * number, height: 540, pixels: .yuv420p, tags: tags)
                return try PictureProgram(
                    PictureRequest(input: format, scaled: format.size, output: format), models: FilterModels(scaling: []))
            }
            bytes = try programs[0].deviceBytes(depth: 2, readsInPlace: instance.openDevice().readsInPlace)
            engine = Engine(
                device: try instance.openDevice(
                    options: DeviceOptions(memoryBudget: Int(Double(bytes) * room), shares: 2, unclaimedMemory: unclaimed)))
        }

        /// Has one program's processor for a moment, and says which one it was.
        func use(_ number: Int) async throws -> ObjectIdentifier {
            try await engine.withProcessors(for: [programs[number]], networks: { _ in }) { processors, _ in ObjectIdentifier(processors[0])
            }
        }

        /// A task that uses a program, and waits for its room.
        func waiting(for number: Int) async throws -> Task<ObjectIdentifier, any Error> {
            let task = Task { try await use(number) }
            while !engine.isAwaited { try await Task.sleep(for: .milliseconds(2)) }
            return task
        }
    }

    @Test("A third program gets the room of the one used longest ago, and the other's processor is kept") func third() async throws {
        let scene = try Scene(programs: 3, room: 2.5)
        _ = try await scene.use(0)
        let kept = try await scene.use(1)
        #expect(scene.device.memoryAvailable < scene.bytes)
        _ = try await scene.use(2)
        #expect(try await scene.use(1) == kept)
        _ = try await scene.use(0)
        #expect(try await scene.use(1) == kept)
    }

    @Test("What a unit needs beside its processors gets the room of idle ones too") func networks() async throws {
        let scene = try Scene(programs: 3, room: 2.5)
        _ = try await scene.use(0)
        _ = try await scene.use(1)
        let (device, bytes) = (scene.device, scene.bytes)
        let count = try await scene.engine.withProcessors(
            for: [scene.programs[2]], networks: { _ in try device.makeBuffer(byteCount: bytes) }
        ) { processors, buffer in
            #expect(processors.map(\.program) == [scene.programs[2]])
            return buffer.byteCount
        }
        #expect(count == bytes)
    }

    @Test("A unit waits for what another one holds") func waits() async throws {
        let scene = try Scene(programs: 2, room: 1.5)
        let isOver = Mutex(false)
        let second = try await scene.engine.withProcessors(for: [scene.programs[0]], networks: { _ in }) { _, _ in
            let task = try await scene.waiting(for: 1)
            isOver.withLock { $0 = true }
            return task
        }
        _ = try await second.value
        #expect(isOver.withLock { $0 })
        #expect(!scene.engine.isAwaited)
    }

    @Test("A unit that is cancelled while it waits leaves the line to the next one") func cancelled() async throws {
        let scene = try Scene(programs: 3, room: 1.5)
        let last = try await scene.engine.withProcessors(for: [scene.programs[0]], networks: { _ in }) { _, _ in
            let first = try await scene.waiting(for: 1)
            let behind = Task { try await scene.use(2) }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            let last = try await scene.waiting(for: 2)
            behind.cancel()
            return (behind, last)
        }
        _ = try await last.1.value
        _ = await last.0.result
        _ = try await scene.use(1)
    }

    @Test("Units that need several programs each never hold what the other one waits for") func several() async throws {
        let scene = try Scene(programs: 4, room: 2.5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for unit in [[0, 1], [2, 3], [1, 2]] {
                group.addTask {
                    let programs = unit.map { scene.programs[$0] }
                    for _ in 0..<3 {
                        let found = try await scene.engine.withProcessors(for: programs, networks: { _ in }) { processors, _ in
                            processors.map(\.program)
                        }
                        #expect(found == programs)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("A unit that fails gives its room back") func failures() async throws {
        let scene = try Scene(programs: 2, room: 1.5)
        await #expect(throws: PipelineError.self) {
            try await scene.engine.withProcessors(for: [scene.programs[0]], networks: { _ in }) { _, _ -> Void in
                throw PipelineError.conditionsMissing
            }
        }
        _ = try await scene.use(1)
    }

    @Test("What the whole budget does not hold is refused for good, with what is needed and what there is") func tooSmall() async throws {
        let scene = try Scene(programs: 2, room: 1.5)
        _ = try await scene.use(0)
        let (device, bytes) = (scene.device, scene.bytes)
        do {
            try await scene.engine.withProcessors(
                for: [scene.programs[1]], networks: { _ in try device.makeBuffer(byteCount: bytes) }
            ) { _, _ in }
            Issue.record("it has found room")
        } catch PipelineError.deviceTooSmall(let need) {
            let second = try scene.programs[1].deviceBytes(depth: 2, readsInPlace: device.readsInPlace)
            #expect(need.needed >= second + bytes && need.needed < second + bytes + 1 << 20)
            #expect(need.budget == device.memoryBudget)
        }
        #expect(device.memoryInUse == 0)
        _ = try await scene.use(1)
    }

    @Test("Memory that other processes hold is refused for the time being, and had when they give it back") func others() async throws {
        let unclaimed = Mutex(1000)
        let scene = try Scene(programs: 1, room: 4) { unclaimed.withLock { $0 } }
        do {
            _ = try await scene.use(0)
            Issue.record("it has found room")
        } catch {
            guard case .outOfMemory? = PipelineError.gpuError(in: error) else { throw error }
        }
        unclaimed.withLock { $0 = 1 << 30 }
        _ = try await scene.use(0)
    }

    @Test("Room that a failed unit's frames still held is had while another unit goes on") func framesInFlight() async throws {
        let scene = try Scene(programs: 3, room: 2.5)
        try await scene.engine.withProcessors(for: [scene.programs[1]], networks: { _ in }) { _, _ in
            let waiting = Mutex<Task<ObjectIdentifier, any Error>?>(nil)
            await #expect(throws: PipelineError.self) {
                try await scene.engine.withProcessors(for: [scene.programs[0]], networks: { _ in }) { processors, _ -> Void in
                    let task = try await scene.waiting(for: 2)
                    waiting.withLock { $0 = task }
                    for frame in 0..<2 { _ = try await processors[0].submit(frameIndex: frame) { _ in } }
                    throw PipelineError.conditionsMissing
                }
            }
            let task = waiting.withLock { $0 }
            try await Self.expectEnd(of: try #require(task))
        }
    }

    @Test("Room that is let go after it was given back is had while another unit goes on") func lateRelease() async throws {
        let scene = try Scene(programs: 3, room: 2.5)
        try await scene.engine.withProcessors(for: [scene.programs[1]], networks: { _ in }) { _, _ in
            let waiting = Mutex<Task<ObjectIdentifier, any Error>?>(nil)
            let held = Mutex<[PictureProcessor]>([])
            await #expect(throws: PipelineError.self) {
                try await scene.engine.withProcessors(for: [scene.programs[0]], networks: { _ in }) { processors, _ -> Void in
                    let task = try await scene.waiting(for: 2)
                    waiting.withLock { $0 = task }
                    held.withLock { $0 = processors }
                    throw PipelineError.conditionsMissing
                }
            }
            // It was woken, found no room, and waits again.
            while !scene.engine.isAwaited { try await Task.sleep(for: .milliseconds(2)) }
            held.withLock { $0 = [] }
            let task = waiting.withLock { $0 }
            try await Self.expectEnd(of: try #require(task))
        }
    }

    /// Has a task end by itself within half a minute.
    private static func expectEnd(of task: Task<ObjectIdentifier, any Error>) async throws {
        let watch = Task {
            try await Task.sleep(for: .seconds(30))
            task.cancel()
        }
        _ = try await task.value
        watch.cancel()
    }

    @Test("Where whole pictures leave no room for the rest of a unit, its networks take smaller tiles, and the same pictures come")
    func dividedShares() async throws {
        let tags = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited, siting: .left)
        let input = PictureFormat(width: 96, height: 54, pixels: .yuv420p, tags: tags)
        let output = PictureFormat(width: 192, height: 108, pixels: .yuv420p10, tags: tags)
        let scaling = FilterModels.Scaling(
            identity: ModelIdentity(name: "dvres2_fine_tuning_x2", version: "1", recipeSHA256: "0"), variant: .fineTuning, ratio: 2,
            macPerSample: 6800)
        let program = try PictureProgram(
            PictureRequest(input: input, scaler: .superResolution(.fineTuning), scaled: output.size, output: output),
            models: FilterModels(scaling: [scaling]))
        let frame = (0..<input.byteCount).map { UInt8(40 + $0 * 7 % 160) }
        func run(on device: Device, parts: Int) async throws -> (bytes: Int, planes: [UInt8]) {
            let processor = try await PictureProcessor(program: program, device: device, parts: parts)
            try await device.settle()
            return (device.memoryInUse, try await processor.process(frame, frameIndex: 0).planes)
        }
        let whole = try await run(on: try Instance().openDevice(options: DeviceOptions(memoryBudget: 1 << 30)), parts: 1)
        let least = try await run(on: try Instance().openDevice(options: DeviceOptions(memoryBudget: 1 << 30)), parts: .max)
        #expect(least.bytes < whole.bytes && least.planes == whole.planes)
        // A network of the unit's own after it, with which whole pictures do not fit, and smaller tiles do.
        let rest = 4 * whole.bytes
        let engine = Engine(
            device: try Instance().openDevice(options: DeviceOptions(memoryBudget: (whole.bytes + least.bytes) / 2 + rest)))
        let device = engine.device
        var used: Set<ObjectIdentifier> = []
        for _ in 0..<2 {
            let (processor, planes) = try await engine.withProcessors(
                for: [program], networks: { _ in try device.makeBuffer(byteCount: rest) }
            ) { processors, _ in
                #expect(processors[0].parts > 1)
                return (processors[0], try await processors[0].process(frame, frameIndex: 0).planes)
            }
            used.insert(ObjectIdentifier(processor))
            #expect(planes == whole.planes)
        }
        // The next unit begins with what the first one came to.
        #expect(used.count == 1)
    }
}
