import Domain
import JobQueue
import Primitives
import Store
import Synchronization

/// A handler that tells what happens to it and does what its script says.
final class ScriptedHandler: JobHandler {
    enum Step: Sendable, Equatable {
        case began(ID<Segment>, attempt: Int)
        case wasCancelled(ID<Segment>)

        /// The segment that began; nil where something else happened.
        var begun: ID<Segment>? { if case .began(let segment, _) = self { segment } else { nil } }
    }

    let steps: AsyncStream<Step>
    private let tell: AsyncStream<Step>.Continuation
    private let script: @Sendable (LeasedUnit, UnitProgress) async throws -> UnitOutcome
    private let running = Atomic<Int>(0)
    private let most = Atomic<Int>(0)

    init(_ script: @escaping @Sendable (LeasedUnit, UnitProgress) async throws -> UnitOutcome) {
        (steps, tell) = AsyncStream.makeStream()
        self.script = script
    }

    /// One whose units end only by being stopped.
    static func endless() -> ScriptedHandler {
        ScriptedHandler { _, _ in
            try await Task.sleep(for: .seconds(3600))
            return .succeeded(UnitResult())
        }
    }

    /// Most units that were under way at once.
    var mostAtOnce: Int { most.load(ordering: .relaxed) }

    func perform(_ unit: LeasedUnit, progress: UnitProgress) async throws -> UnitOutcome {
        let count = running.add(1, ordering: .relaxed).newValue
        most.max(count, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        tell.yield(.began(unit.lease.segment, attempt: unit.attempt))
        do {
            return try await script(unit, progress)
        } catch {
            if Task.isCancelled { tell.yield(.wasCancelled(unit.lease.segment)) }
            throw error
        }
    }

    /// The next thing that happens.
    func next() async -> Step? {
        for await step in steps { return step }
        return nil
    }
}
