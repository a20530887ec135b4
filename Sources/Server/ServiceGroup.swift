import Foundation

/// Runs services side by side. The first signal drains all of them and then ends the group; a second ends it at once; a
/// service that fails ends all the others.
struct ServiceGroup {
    private let services: [any Service]

    init(_ services: [any Service]) { self.services = services }

    func run(until signals: Signals) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services {
                group.addTask {
                    try await service.run()
                    await Forever.untilCancelled()  // a drained service has ended well; the group goes on
                }
            }
            group.addTask {
                await signals.next()
                await withTaskGroup(of: Void.self) { draining in
                    draining.addTask {
                        await signals.next()  // the second signal
                    }
                    draining.addTask {
                        await withTaskGroup(of: Void.self) { all in
                            for service in services { all.addTask { await service.drain() } }
                        }
                    }
                    await draining.next()
                    draining.cancelAll()
                }
            }
            defer { group.cancelAll() }
            // The signal task returns, or a service throws: either ends the group.
            try await group.next()
        }
    }
}
