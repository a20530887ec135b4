package import Domain
import Logging
package import Postgres
package import Primitives
package import Store
import Synchronization
package import Telemetry

/// Works on the queue: takes units of the kinds it has handlers for, a bounded number at a time.
///
/// `run()` leases until `drain()` is called, and then returns when its last unit has ended. Cancelling the task of `run()`
/// stops the handlers and hands their units back; so does a handler that says the worker cannot go on, and `failure` is then
/// its reason.
package final class WorkerPool: Sendable {
    /// Times a worker lives by.
    package struct Timing: Hashable, Sendable {
        /// How long a lease holds without a renewal.
        package var lease: Duration = .seconds(30)
        /// Time between renewals.
        package var heartbeat: Duration = .seconds(10)
        /// Shortest time between two notes of progress.
        package var progress: Duration = .seconds(1)
        /// Longest time until a unit is noticed whose notification was missed, or whose rest is over.
        package var poll: Duration = .seconds(1)
        /// Time between two words to the others that this worker is there.
        package var announcement: Duration = .seconds(15)
        /// Shortest rest of a unit that could not be written, and two thirds of the longest one.
        package var storageRest: Duration = .seconds(60)

        package init() {}
    }

    /// How a pool works.
    package struct Settings: Sendable {
        /// Units at a time, at least 1.
        package var concurrency: Int
        package var timing = Timing()
        package var retryPolicy = RetryPolicy()
        /// Of imports and exports that have come far: by `JobStore.creditedGrowth`.
        package var transferRetryPolicy = RetryPolicy.transfers
        /// Trained networks that the handlers have, by `ModelIdentity.key`.
        package var networks: [Int]

        package init(concurrency: Int, networks: [Int] = []) {
            self.concurrency = concurrency
            self.networks = networks
        }
    }

    private struct State {
        var running: [ID<Segment>: Running] = [:]
        var isDraining = false
        var isCancelled = false
        var failure: UnitFailure?
    }

    private struct Running {
        let job: ID<Job>
        let stop: AsyncStream<UnitRunner.Stop>.Continuation
    }

    /// This pool, as leases name it.
    package let worker: ID<Worker>
    private let settings: Settings
    private let handlers: [UnitKind: any JobHandler]
    private let jobs: JobStore
    private let heartbeatPool: ConnectionPool
    private let listener: NotificationListener
    private let state = Mutex(State())
    private let wakeups = Wakeups()
    /// Finished when `run()` has returned.
    private let end: AsyncStream<Never>
    private let ending: AsyncStream<Never>.Continuation
    private let observer: Observer

    /// - Parameters:
    ///   - database: for the connections that only heartbeats and notifications use.
    ///   - pool: for everything else.
    ///   - worker: a name that one process after the other may use, if each begins with `JobStore.expireLeases(of:)`: what a
    ///     killed process held is then taken back without waiting for its leases to run out.
    package init(
        database: ConnectionConfiguration, pool: ConnectionPool, handlers: [UnitKind: any JobHandler], settings: Settings,
        observer: Observer, worker: ID<Worker> = ID()
    ) {
        precondition(settings.concurrency >= 1, "a pool works on at least one unit")
        self.settings = settings
        self.worker = worker
        self.handlers = handlers
        self.observer = observer.with("worker", worker)
        jobs = JobStore(pool: pool)
        heartbeatPool = ConnectionPool(
            database, limit: min(settings.concurrency, 4), acquireTimeout: .seconds(3), observer: observer)
        listener = NotificationListener(database, channels: [Channel.work, Channel.cancellation], observer: observer)
        (end, ending) = AsyncStream.makeStream()
    }

    /// Units being worked on.
    package var runningCount: Int { state.withLock { $0.running.count } }

    /// Why the pool has ended, or is about to, of itself; nil where it has not. The process that it works for must not go on.
    package var failure: UnitFailure? { state.withLock { $0.failure } }

    /// Works until it is drained, its task cancelled, or a handler says that the worker cannot go on.
    package func run() async {
        await withTaskCancellationHandler {
            // Before anything is taken: a job that is begun anew here must not go to others again.
            await announce()
            await withTaskGroup(of: Void.self) { services in
                services.addTask { await self.keepAnnouncing() }
                services.addTask { await self.listen() }
                services.addTask { await self.poll() }
                await withDiscardingTaskGroup { units in await self.dispatch(into: &units) }
                services.cancelAll()
            }
        } onCancel: {
            handBack()
        }
        await withdraw()
        await heartbeatPool.close()
        ending.finish()
    }

    /// Takes nothing more; what is being worked on is finished.
    package func drain() {
        state.withLock { $0.isDraining = true }
        wakeups.signal()
    }

    /// Takes nothing more, and returns when `run()` does, or at once when its own task is cancelled.
    ///
    /// - Parameter patience: how long what is being worked on may take to its end; then it is handed back, untried.
    package func drain(within patience: Duration) async {
        drain()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await Task.sleep(for: patience) } catch { return }
                self.handBack()
            }
            for await _ in end {}
            group.cancelAll()
        }
    }

    /// Stops the handlers, so that other workers can have their units.
    private func handBack() {
        let stops = state.withLock { state in
            state.isCancelled = true
            state.isDraining = true
            return state.running.values.map(\.stop)
        }
        stops.forEach { $0.yield(.handBack) }
        wakeups.signal()
    }

    /// Takes nothing more, and hands everything back but the unit in which it showed that this worker cannot go on. False
    /// where that has happened before.
    private func giveUp(_ reason: UnitFailure, by segment: ID<Segment>) -> Bool {
        let stops: [AsyncStream<UnitRunner.Stop>.Continuation]? = state.withLock { state in
            guard state.failure == nil else { return nil }
            state.failure = reason
            state.isCancelled = true
            state.isDraining = true
            return state.running.filter { $0.key != segment }.values.map(\.stop)
        }
        guard let stops else { return false }
        observer.logger.critical("the worker cannot go on", metadata: ["reason": "\(reason)"])
        stops.forEach { $0.yield(.handBack) }
        wakeups.signal()
        return true
    }

    /// Leases whenever something woke it and a place is free.
    private func dispatch(into group: inout DiscardingTaskGroup) async {
        for await _ in wakeups.stream {
            var isHungry = true
            while isHungry {
                let (idle, isDraining) = state.withLock { (settings.concurrency - $0.running.count, $0.isDraining) }
                if isDraining { return }
                guard idle > 0 else { break }
                let takenAt = ContinuousClock.now
                let units = await lease(limit: idle)
                for unit in units { start(unit, takenAt: takenAt, in: &group) }
                isHungry = !units.isEmpty && units.count == idle
            }
        }
    }

    private func lease(limit: Int) async -> [LeasedUnit] {
        do {
            return try await jobs.lease(
                kinds: Array(handlers.keys), limit: limit, worker: worker, networks: settings.networks,
                duration: settings.timing.lease)
        } catch {
            if !Task.isCancelled { observer.logger.warning("no unit can be leased", metadata: ["cause": "\(error)"]) }
            return []
        }
    }

    private func start(_ unit: LeasedUnit, takenAt: ContinuousClock.Instant, in group: inout DiscardingTaskGroup) {
        guard let handler = handlers[unit.kind] else { return }
        let (stops, stop) = AsyncStream<UnitRunner.Stop>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let isCancelled = state.withLock { state in
            state.running[unit.lease.segment] = Running(job: unit.job, stop: stop)
            return state.isCancelled
        }
        if isCancelled { stop.yield(.handBack) }
        let observer = observer.with("job", unit.job).with("segment", unit.lease.segment).with("kind", unit.kind.rawValue)
        let runner = UnitRunner(
            handler: handler, jobs: jobs,
            heartbeat: Heartbeat(jobs: JobStore(pool: heartbeatPool), timing: settings.timing, observer: observer),
            retryPolicy: settings.retryPolicy, transferRetryPolicy: settings.transferRetryPolicy,
            storageRest: settings.timing.storageRest, giveUp: { self.giveUp($0, by: unit.lease.segment) }, observer: observer)
        group.addTask {
            await runner.run(unit, takenAt: takenAt, stops: stops)
            stop.finish()
            self.state.withLock { $0.running[unit.lease.segment] = nil }
            self.wakeups.signal()
        }
    }

    private func listen() async {
        for await notification in listener.notifications() {
            switch notification {
            case .resumed:
                wakeups.signal()
                await stopUnitsOfEndedJobs()
            case .received(Channel.cancellation, let payload): cancelUnits(of: payload)
            case .received: wakeups.signal()
            }
        }
    }

    /// Cancellations that were announced while nobody listened.
    private func stopUnitsOfEndedJobs() async {
        let running = state.withLock { Set($0.running.values.map(\.job)) }
        guard !running.isEmpty else { return }
        do {
            let active = try await jobs.activeJobs(among: Array(running))
            for job in running.subtracting(active) { cancelUnits(of: job.description) }
        } catch {
            // The heartbeats find it out a little later.
            observer.logger.debug("running jobs cannot be looked up", metadata: ["cause": "\(error)"])
        }
    }

    private func cancelUnits(of payload: String) {
        guard let job = ID<Job>(payload) else { return }
        let stops = state.withLock { state in state.running.values.filter { $0.job == job }.map(\.stop) }
        stops.forEach { $0.yield(.cancelled) }
    }

    /// Tells the others which networks are here; a worker without any holds up nobody's jobs.
    private func announce() async {
        guard !settings.networks.isEmpty else { return }
        do { try await JobStore(pool: heartbeatPool).announce(worker, networks: settings.networks) } catch {
            if !Task.isCancelled { observer.logger.warning("the worker cannot be announced", metadata: ["cause": "\(error)"]) }
        }
    }

    private func keepAnnouncing() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: settings.timing.announcement) } catch { return }
            await announce()
        }
    }

    /// Says goodbye, outside the cancelled task: a cancelled one gets no connection.
    private func withdraw() async {
        guard !settings.networks.isEmpty else { return }
        let (jobs, worker, observer) = (jobs, worker, observer)
        let farewell = Task {
            do { try await jobs.withdraw(worker) } catch {
                observer.logger.warning("the worker cannot be withdrawn", metadata: ["cause": "\(error)"])
            }
        }
        await farewell.value
    }

    private func poll() async {
        while !Task.isCancelled {
            wakeups.signal()
            do { try await Task.sleep(for: settings.timing.poll) } catch { return }
        }
    }
}

/// Reasons to look at the queue, of which any number is as good as one.
struct Wakeups: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func signal() { continuation.yield() }
}
