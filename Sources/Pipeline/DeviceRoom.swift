import Filters
import GPU
import Synchronization

/// Shares a device's memory out among the units of a process, and keeps finished processors for the next ones.
///
/// A unit gets everything it needs at once. Where the memory does not hold it, idle processors go, those used longest ago first;
/// where that does not do, the unit waits for others to end, while it holds nothing: so no two units wait for each other. They are
/// served in the order of asking, so that one that needs much gets it in the end. What a unit holds does not depend on what the
/// others do.
final class DeviceRoom: Sendable {
    /// What a unit has on the device, until it is given back.
    struct Hold<Networks: Sendable>: Sendable {
        let processors: [PictureProcessor]
        let networks: Networks
    }

    private struct State {
        /// Finished processors, the one used last at the end.
        var idle: [PictureProcessor] = []
        /// Units that hold something.
        var holders = 0
        /// Bytes of tables that these may still bring.
        var lookBytes = 0
        /// Times that a unit gave back what it held.
        var returns = 0
        /// Of the unit that waits for the next return.
        var waiting: AsyncStream<Never>.Continuation?
    }

    /// Programs whose processors are kept, at least.
    private static let keptPrograms = 2
    /// Times that memory which nobody holds any more is awaited, and the pause before each.
    private static let patience = (times: 200, pause: Duration.milliseconds(10))

    private let device: Device
    private let line = WaitingLine()
    private let state = Mutex(State())

    init(device: Device) { self.device = device }

    /// Whether a unit waits for what others hold.
    var isAwaited: Bool { state.withLock { $0.waiting != nil } }

    /// Everything that a unit needs; `giveBack` ends it.
    ///
    /// - Parameters:
    ///   - programs: each gets a processor of its own, in this order.
    ///   - networks: makes what else the unit needs on the device; called again where there was no room.
    /// - Throws: `PipelineError.deviceTooSmall` where even the whole budget would not do, `GPUError.outOfMemory` where other
    ///   processes hold what is needed, and other errors of making it; `CancellationError`.
    func take<Networks: Sendable>(_ programs: [PictureProgram], _ networks: () async throws -> Networks) async throws -> Hold<Networks> {
        try await line.enter()
        defer { line.leave() }
        var patience = Self.patience.times
        while true {
            try Task.checkCancellation()
            let (returns, before) = (state.withLock { $0.returns }, device.memoryInUse)
            do {
                return try await make(programs, networks)
            } catch {
                guard let refusal = MemoryRefusal(error, before: before) else { throw error }
                if try await dropIdle(for: refusal.bytes) { continue }
                if try await returned(since: returns) { continue }
                // Nobody else held anything.
                guard let bytes = refusal.bytes else { throw error }
                guard bytes <= device.memoryBudget else {
                    throw PipelineError.deviceTooSmall(DeviceNeed(needed: bytes, budget: device.memoryBudget))
                }
                // What ended units had held is let go by threads of their own, which may be a little behind.
                guard patience > 0 else { throw GPUError.outOfMemory(operation: "taking \(bytes) bytes of the budget") }
                patience -= 1
                try await Task.sleep(for: Self.patience.pause)
            }
        }
    }

    /// Ends a unit's hold.
    ///
    /// - Parameter keeping: whether its processors are kept for the next units: not where frames may still be under way in them.
    func giveBack<Networks: Sendable>(_ hold: Hold<Networks>, keeping: Bool) {
        let lookBytes = Self.lookBytes(hold.processors.map(\.program))
        let (waiting, dropped) = state.withLock { state -> (AsyncStream<Never>.Continuation?, [PictureProcessor]) in
            state.holders -= 1
            state.lookBytes -= lookBytes
            state.returns += 1
            defer { state.waiting = nil }
            guard keeping else { return (state.waiting, []) }
            state.idle += hold.processors
            let most = max(Self.keptPrograms, Set(hold.processors.map(\.program)).count)
            var kept: Set<PictureProgram> = []
            for processor in state.idle.reversed() where kept.count < most { kept.insert(processor.program) }
            let dropped = state.idle.filter { !kept.contains($0.program) }
            state.idle.removeAll { !kept.contains($0.program) }
            return (state.waiting, dropped)
        }
        _ = dropped  // released here, outside the lock
        waiting?.finish()
    }

    private static func lookBytes(_ programs: [PictureProgram]) -> Int { programs.reduce(0) { $0 + $1.lookBytes } }

    /// One attempt: idle processors where there are, which are idle again when it fails, and new ones.
    private func make<Networks: Sendable>(
        _ programs: [PictureProgram], _ networks: () async throws -> Networks
    ) async throws -> Hold<Networks> {
        var reused: [PictureProcessor] = []
        do {
            var processors: [PictureProcessor?] = []
            for program in programs {
                let kept = state.withLock { state in
                    state.idle.lastIndex { $0.program == program }.map { state.idle.remove(at: $0) }
                }
                if let kept { reused.append(kept) }
                processors.append(kept)
            }
            for (place, program) in programs.enumerated() where processors[place] == nil {
                processors[place] = try await PictureProcessor(program: program, device: device)
            }
            let hold = Hold(processors: processors.compactMap { $0 }, networks: try await networks())
            // Tables come while frames are processed, when there is no more waiting.
            let lookBytes = Self.lookBytes(programs)
            try device.requireMemory(state.withLock { $0.lookBytes } + lookBytes)
            state.withLock { state in
                state.holders += 1
                state.lookBytes += lookBytes
            }
            return hold
        } catch {
            let again = reused
            state.withLock { $0.idle += again }
            throw error
        }
    }

    /// Lets go of idle processors, those used longest ago first, until there is room for as many bytes; nil: of all of them. False
    /// where none was idle.
    private func dropIdle(for bytes: Int?) async throws -> Bool {
        try await device.settle()
        var hasDropped = false
        while dropOldest() {
            hasDropped = true
            try await device.settle()
            if let bytes, bytes <= device.memoryAvailable { break }
        }
        return hasDropped
    }

    private func dropOldest() -> Bool {
        let oldest = state.withLock { state in state.idle.isEmpty ? nil : state.idle.removeFirst() }
        return oldest != nil
    }

    /// Waits until a unit has given back what it held; true at once where that has happened since the count was `returns`, false
    /// where no unit holds anything.
    private func returned(since returns: Int) async throws -> Bool {
        let (signal, word) = AsyncStream<Never>.makeStream()
        let answer: Bool? = state.withLock { state in
            if state.returns != returns { return true }
            if state.holders == 0 { return false }
            state.waiting = word
            return nil
        }
        if let answer { return answer }
        for await _ in signal {}
        state.withLock { $0.waiting = nil }
        try Task.checkCancellation()
        return true
    }
}
