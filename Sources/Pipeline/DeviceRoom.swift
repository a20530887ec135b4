import Filters
import GPU
import Synchronization

/// Shares a device's memory out among the units of a process, and keeps finished processors for the next ones.
///
/// A unit gets everything it needs at once. Where the memory does not hold it, idle processors go, those used longest ago first;
/// where that does not do, the unit waits for others to end, while it holds nothing: so no two units wait for each other. They are
/// served in the order of asking, so that one that needs much gets it in the end. What a unit holds does not depend on what the
/// others do.
///
/// Networks are planned for a share of the memory each on its own. Where a unit's things do not fit the device together, the share is
/// divided until they do: smaller tiles take less, and give the same pictures.
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
        /// Units that fit the device only with divided shares, by their programs, the latest at the end.
        var divided: [(programs: [PictureProgram], parts: Int)] = []
    }

    /// Programs whose processors are kept, at least.
    private static let keptPrograms = 2
    /// What shares are divided by, one after the other; the last gives the smallest tiles that there are.
    private static let divisions = [1, 2, 4, 8, 16, Int.max]
    /// Units whose divided shares are remembered.
    private static let rememberedUnits = 8
    /// Longest pause between two looks at the memory while other units hold some.
    private static let longestPause = Duration.seconds(5)
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
    ///   - networks: makes what else the unit needs on the device; called again where there was no room. It gets what the share that
    ///     its networks are planned for is divided by.
    /// - Throws: `PipelineError.deviceTooSmall` where even the whole budget would not do for the smallest tiles,
    ///   `GPUError.outOfMemory` where other processes hold what is needed, and other errors of making it; `CancellationError`.
    func take<Networks: Sendable>(
        _ programs: [PictureProgram], _ networks: (_ parts: Int) async throws -> Networks
    ) async throws -> Hold<Networks> {
        try await line.enter()
        defer { line.leave() }
        var parts = state.withLock { state in state.divided.last { $0.programs == programs }?.parts } ?? 1
        var patience = Self.patience.times
        var pause = Self.patience.pause
        while true {
            try Task.checkCancellation()
            let (returns, before) = (state.withLock { $0.returns }, device.memoryInUse)
            do {
                return try await make(programs, networks, parts: parts)
            } catch {
                guard let refusal = MemoryRefusal(error, before: before) else { throw error }
                if try await dropIdle(for: refusal.bytes, before: before) { continue }
                if try await hasRoomAgain(for: refusal.bytes, before: before, since: returns, pause: &pause) { continue }
                // Nobody else held anything.
                let isTooSmall = refusal.bytes.map { $0 > device.memoryBudget } ?? false
                if refusal.bytes != nil, !isTooSmall, patience > 0 {
                    // What ended units had held is let go by threads of their own, which may be a little behind.
                    patience -= 1
                    try await Task.sleep(for: Self.patience.pause)
                    continue
                }
                if let more = Self.divisions.first(where: { $0 > parts }) {
                    parts = more
                    if isTooSmall { remember(programs, parts: parts) }
                    continue
                }
                guard let bytes = refusal.bytes else { throw error }
                if isTooSmall { throw PipelineError.deviceTooSmall(DeviceNeed(needed: bytes, budget: device.memoryBudget)) }
                throw GPUError.outOfMemory(operation: "taking \(bytes) bytes of the budget")
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

    /// Has the next unit of the same programs begin with shares that are divided as much. What other processes hold at the moment is
    /// no reason for it.
    private func remember(_ programs: [PictureProgram], parts: Int) {
        state.withLock { state in
            state.divided.removeAll { $0.programs == programs }
            state.divided.append((programs, parts))
            if state.divided.count > Self.rememberedUnits { state.divided.removeFirst() }
        }
    }

    private static func lookBytes(_ programs: [PictureProgram]) -> Int { programs.reduce(0) { $0 + $1.lookBytes } }

    /// One attempt: idle processors where there are, which are idle again when it fails, and new ones.
    private func make<Networks: Sendable>(
        _ programs: [PictureProgram], _ networks: (_ parts: Int) async throws -> Networks, parts: Int
    ) async throws -> Hold<Networks> {
        var reused: [PictureProcessor] = []
        do {
            var processors: [PictureProcessor?] = []
            for program in programs {
                let kept = state.withLock { state in
                    state.idle.lastIndex { $0.program == program && $0.parts == parts }.map { state.idle.remove(at: $0) }
                }
                if let kept { reused.append(kept) }
                processors.append(kept)
            }
            for (place, program) in programs.enumerated() where processors[place] == nil {
                processors[place] = try await PictureProcessor(program: program, device: device, parts: parts)
            }
            let hold = Hold(processors: processors.compactMap { $0 }, networks: try await networks(parts))
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

    /// Has what is done with let go, then idle processors, those used longest ago first, until there is room for as many bytes; nil:
    /// all of them. False where that freed nothing of use.
    ///
    /// - Parameter before: bytes of the device that were in use before the attempt.
    private func dropIdle(for bytes: Int?, before: Int) async throws -> Bool {
        try await device.settle()
        var hasFreed = device.memoryInUse < before
        if let bytes {
            if hasFreed, bytes <= device.memoryAvailable { return true }
            hasFreed = false
        }
        while dropOldest() {
            hasFreed = true
            try await device.settle()
            if let bytes, bytes <= device.memoryAvailable { break }
        }
        return hasFreed
    }

    private func dropOldest() -> Bool {
        let oldest = state.withLock { state in state.idle.isEmpty ? nil : state.idle.removeFirst() }
        return oldest != nil
    }

    /// Waits while other units hold something, until one has given back what it held or there is room without that: what a failed
    /// unit held goes when the device and the unit's threads are done with it, which may be after it was given back. True at once
    /// where a unit has given back since the count was `returns`, false where none holds anything.
    ///
    /// - Parameters:
    ///   - bytes: that are needed; nil: not known.
    ///   - before: bytes of the device that were in use before the attempt.
    ///   - pause: before the next look at the memory; doubled with each.
    private func hasRoomAgain(
        for bytes: Int?, before: Int, since returns: Int, pause: inout Duration
    ) async throws -> Bool {
        defer { state.withLock { $0.waiting = nil } }
        while true {
            let (signal, word) = AsyncStream<Never>.makeStream()
            let answer: Bool? = state.withLock { state in
                if state.returns != returns { return true }
                if state.holders == 0 { return false }
                state.waiting = word
                return nil
            }
            if let answer {
                if answer { pause = Self.patience.pause }
                return answer
            }
            let length = pause
            let timer = Task {
                try? await Task.sleep(for: length)
                word.finish()
            }
            for await _ in signal {}
            timer.cancel()
            try Task.checkCancellation()
            if state.withLock({ $0.returns != returns }) { continue }
            try await device.settle()
            pause = min(pause * 2, Self.longestPause)
            if let bytes {
                if bytes <= device.memoryAvailable { return true }
            } else if device.memoryInUse < before || length == Self.longestPause {
                return true
            }
        }
    }
}
