import Lanes
import Logging
package import Primitives
package import Store
package import Telemetry

/// Removes objects that no row speaks of any more.
package struct GarbageSweeper: Sendable {
    private let store: GarbageStore
    private let interval: Duration
    private let delete: @Sendable (ObjectKey) async throws -> Void
    private let observer: Observer

    /// - Parameters:
    ///   - interval: time between two looks.
    ///   - delete: removes the object of this key and all below it; what is gone already is no error.
    package init(
        store: GarbageStore, interval: Duration = .seconds(30), observer: Observer,
        delete: @escaping @Sendable (_ prefix: ObjectKey) async throws -> Void
    ) {
        self.store = store
        self.interval = interval
        self.observer = observer
        self.delete = delete
    }

    /// Works until its task is cancelled.
    package func run() async {
        await Periodic.run(every: interval) { error in
            observer.logger.warning("objects cannot be swept", metadata: ["cause": "\(error)"])
        } turn: {
            while try await sweep() > 0 {}
        }
    }

    /// Sweeps what is due, 100 entries at most; returns how many it removed. An entry whose objects cannot be removed stays
    /// for later.
    package func sweep() async throws -> Int {
        var removed = 0
        for entry in try await store.take(limit: 100) {
            do {
                try await delete(entry.prefix)
                try await store.remove(entry)
                removed += 1
            } catch {
                if Task.isCancelled { throw error }
                observer.logger.warning("objects stay behind", metadata: ["prefix": "\(entry.prefix)", "cause": "\(error)"])
            }
        }
        return removed
    }
}
