package import ColorScience
package import GPU
import Synchronization

/// Runs a program on a device: up to `depth` frames in flight, so that one is uploaded or downloaded while another is
/// worked on. All memory is taken when it is made; frames only borrow it.
package final class PictureProcessor: Sendable {
    package let program: PictureProgram
    /// Bytes of device memory held, without the networks' own.
    package let deviceBytes: Int
    /// What the share of the memory that the networks were planned for was divided by.
    package let parts: Int

    /// Buffers of one place for a frame.
    private struct Slot: Sendable {
        let input: Buffer
        let output: ReadBackBuffer
        let meter: ReadBackBuffer
    }

    private let device: Device
    private let slots: [Slot]
    private let queue: SlotQueue
    private let looks: LookCache
    private let work: Mutex<DeviceProgram>
    private let totals = Mutex<[StageTotal]>([])

    /// Takes the memory and makes the pipelines.
    ///
    /// - Parameters:
    ///   - depth: frames in flight, at least 1.
    ///   - parts: what the share of the memory that the networks are planned for is divided by, at least 1: more give smaller tiles,
    ///     and the same pictures.
    /// - Throws: `GPUError.memoryBudgetExceeded` before anything is taken when the budget does not hold all but the networks beside
    ///   what is in use, or later when it does not hold these; `outOfMemory` where other processes have left too little.
    package init(program: PictureProgram, device: Device, depth: Int = 2, parts: Int = 1) async throws {
        precondition(depth >= 1, "at least one frame is in flight")
        precondition(parts >= 1, "a share has at least one part")
        let plan = try PassPlan(program)
        let output = program.request.output.byteCount
        let meterBytes = program.meterBytes
        let needed = program.deviceBytes(of: plan, depth: depth, readsInPlace: device.readsInPlace)
        let planeBytes = needed + program.lookBytes
        do throws(GPUError) { try device.requireMemory(planeBytes) } catch { throw FilterError.gpu(error) }
        var slots: [Slot] = []
        for index in 0..<depth {
            slots.append(
                Slot(
                    input: try device.makeBuffer(byteCount: program.request.input.byteCount, memory: .upload, label: "input \(index)"),
                    output: try ReadBackBuffer(byteCount: output, on: device, label: "output \(index)"),
                    meter: try ReadBackBuffer(byteCount: meterBytes, on: device, label: "meter \(index)")))
        }
        // The gaps between planes are never written: they are zero once and for all, so that equal frames are equal bytes.
        var recorder = try device.makeRecorder()
        for slot in slots { try recorder.fill(slot.output.all, word: 0) }
        try await recorder.submit().wait()
        work = Mutex(try await DeviceProgram(program, plan: plan, planeBytes: planeBytes, parts: parts, device: device))
        self.program = program
        self.device = device
        self.slots = slots
        deviceBytes = needed
        self.parts = parts
        queue = SlotQueue(count: depth)
        looks = LookCache(device: device)
    }

    /// Device time of each stage over all frames so far.
    package var stageTimes: [StageTotal] { totals.withLock { $0 } }

    /// Starts the work on one frame, as soon as one of the places in flight is free.
    ///
    /// - Parameters:
    ///   - frameIndex: absolute index in the source; seeds dither and grain.
    ///   - look: the table of the frame's shot, where `program.needsConditions`.
    ///   - fill: writes every color plane into mapped memory, laid out as the input's `planeLayouts` say.
    /// - Throws: `missingLook`, what `fill` throws, `GPUError`, `CancellationError`.
    package func submit(
        frameIndex: Int, look: BakedLUT? = nil, fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) async throws -> PictureTicket {
        if program.needsConditions, look == nil || (program.highlights != nil && look?.guide == nil) {
            throw FilterError.missingLook(frame: frameIndex)
        }
        let free = try await queue.take()
        do {
            try await free.pending?.wait()
            let slot = slots[free.slot]
            try slot.input.withBytes { bytes in
                try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<program.request.input.byteCount]))
            }
            let table: LookBuffer? = if let look { try await looks.buffer(of: look) } else { nil }
            let frame = DeviceProgram.Frame(
                input: slot.input, output: slot.output.written, meter: slot.meter.written, index: frameIndex, look: table)
            let submission = try record(frame, slot)
            return PictureTicket(frameIndex: frameIndex, slot: free.slot, submission: submission, queue: queue)
        } catch {
            queue.put(SlotQueue.Free(slot: free.slot, pending: nil))
            throw error
        }
    }

    /// Waits for the work on a frame and lends its result; the frame's place is free afterwards.
    ///
    /// - Precondition: the ticket is finished once.
    ///
    /// - Parameter read: gets every color plane, laid out as the output's `planeLayouts` say, and the light of the frame
    ///   where the output is PQ.
    package func finish<Result>(
        _ ticket: PictureTicket, _ read: (UnsafeRawBufferPointer, FrameLightLevel?) throws -> Result
    ) async throws -> Result {
        defer { ticket.release() }
        let times = try await ticket.submission.wait()
        totals.withLock { $0.add(times) }
        let slot = slots[ticket.slot]
        var light: FrameLightLevel?
        if program.meters {
            let counts = try slot.meter.read(UInt32.self, count: LightHistogram.binCount * LightHistogram.copyCount)
            var histogram = LightHistogram(copies: counts)
            histogram.addBlack(program.barPixels)
            light = histogram.lightLevel
        }
        return try slot.output.withBytes { bytes in
            try read(UnsafeRawBufferPointer(rebasing: bytes[..<program.request.output.byteCount]), light)
        }
    }

    /// One frame from start to end.
    ///
    /// - Throws: `wrongByteCount`, and what `submit` and `finish` throw.
    package func process(
        _ planes: [UInt8], frameIndex: Int, look: BakedLUT? = nil
    ) async throws -> (planes: [UInt8], light: FrameLightLevel?) {
        let needed = program.request.input.byteCount
        guard planes.count == needed else { throw FilterError.wrongByteCount(given: planes.count, needed: needed) }
        let ticket = try await submit(frameIndex: frameIndex, look: look) { $0.copyBytes(from: planes) }
        return try await finish(ticket) { ([UInt8]($0), $1) }
    }

    private func record(_ frame: DeviceProgram.Frame, _ slot: Slot) throws -> Submission {
        try work.withLock { work in
            var recorder = try device.makeRecorder()
            if program.meters { try recorder.fill(frame.meter.all, word: 0) }
            try work.record(frame, into: &recorder)
            if slot.output.needsCopy { recorder.stage("download") }
            try slot.output.recordCopy(into: &recorder)
            try slot.meter.recordCopy(into: &recorder)
            return try recorder.submit()
        }
    }
}
