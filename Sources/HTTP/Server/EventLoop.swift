import CCurl
import CSocketEvents
import Glibc
import Dispatch
import Primitives
import Synchronization

/// What an event loop calls when a descriptor is ready. Always on the loop's thread.
protocol ReadinessHandler: AnyObject {
    func ready(_ readiness: Readiness)
    /// A later turn that was asked for with `EventLoop.requestTurn`.
    func turn()
    /// Called now and then with the monotonic time in nanoseconds, to look at deadlines.
    func tick(_ now: UInt64)
}

/// Why a descriptor woke its loop.
struct Readiness: OptionSet {
    let rawValue: UInt32
    static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer sends no more.
    static let halfClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Both directions are gone.
    static let closed = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// One thread that waits for descriptors and runs short work; everything of a connection happens on its loop.
///
/// Unchecked: `slots`, `turns`, `now` and `isStopped` are touched only on the loop's own thread; the rest is immutable or locked.
final class EventLoop: @unchecked Sendable {
    private struct Slot {
        var handler: (any ReadinessHandler)?
        /// Tells events of an earlier user of the same descriptor apart.
        var generation: UInt32 = 0
    }

    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let poll: Int32
    private let wakeup: Int32
    private let tickNanoseconds: UInt64
    private let inbox = Mutex(Inbox())
    /// The loop's `pthread_t`, 0 before it runs.
    private let thread = Atomic<UInt>(0)
    private var slots: [Slot] = []
    private var occupied = 0
    private var turns: [any ReadinessHandler] = []
    private var lastTick: UInt64 = 0
    private var isStopped = false
    private var wallSecond = -1
    private var dateText: [UInt8] = []
    private var requestIDs = RequestIDSource()
    /// Monotonic, at the start of the present round.
    private(set) var now = EventLoop.monotonicNanoseconds()
    /// Room for one read, shared by the connections of the loop.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    /// - Parameter tick: how often deadlines are looked at.
    init(tick: Duration) throws(HTTPServerError) {
        tickNanoseconds = tick.nanoseconds
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw .noResources(call: "epoll_create1", code: errno) }
        wakeup = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        // Everything is initialised now: a throw runs `deinit`, which closes what is open.
        guard wakeup >= 0 else { throw .noResources(call: "eventfd", code: errno) }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = UInt64(UInt32(bitPattern: wakeup))
        _ = epoll_ctl(poll, EPOLL_CTL_ADD, wakeup, &event)
    }

    deinit {
        close(poll)
        if wakeup >= 0 { close(wakeup) }
        scratch.deallocate()
    }

    // MARK: From any thread

    /// Starts the loop's thread; it runs until `stop`.
    func start(label: String) {
        DispatchQueue(label: label).async { self.run() }
    }

    /// Runs the work on the loop, after what was submitted before. False, dropping it, once the loop has stopped.
    @discardableResult
    func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        let waiting: Int? = inbox.withLock { inbox in
            guard !inbox.isClosed else { return nil }
            inbox.work.append(work)
            return inbox.work.count
        }
        if waiting == 1 { wake() }
        return waiting != nil
    }

    /// Whether the caller runs on the loop's thread.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    // MARK: On the loop

    /// Watches a descriptor. Connections are edge-triggered, for both directions at once: no further system call ever
    /// changes what is watched. Listeners are level-triggered.
    func watch(_ descriptor: Int32, edgeTriggered: Bool, _ handler: any ReadinessHandler) -> Bool {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        slots[index].generation &+= 1
        slots[index].handler = handler
        occupied += 1
        var event = epoll_event()
        event.events =
            edgeTriggered
            ? EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | rm_epoll_edge_triggered() : EPOLLIN.rawValue
        event.data.u64 = UInt64(slots[index].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        if epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 { return true }
        forget(descriptor)
        return false
    }

    /// Stops watching; the caller closes the descriptor.
    func forget(_ descriptor: Int32) {
        let index = Int(descriptor)
        guard index < slots.count, slots[index].handler != nil else { return }
        slots[index].handler = nil
        slots[index].generation &+= 1
        occupied -= 1
        var event = epoll_event()
        _ = epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Calls `turn` once after everyone else had theirs.
    func requestTurn(_ handler: any ReadinessHandler) { turns.append(handler) }

    /// Who is watched now.
    var handlers: [any ReadinessHandler] { slots.compactMap(\.handler) }

    /// Ends the loop after the present round.
    func stop() { isStopped = true }

    func nextRequestID() -> ID<HTTPRequest> { requestIDs.next() }

    /// The `Date` line of responses, made once a second.
    func dateLine() -> [UInt8] {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        if time.tv_sec != wallSecond {
            wallSecond = time.tv_sec
            dateText = Array("Date: \(HTTPDate.text(time.tv_sec))\r\n".utf8)
        }
        return dateText
    }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        events.initialize(repeating: epoll_event(), count: capacity)
        defer { events.deallocate() }
        while !isStopped {
            let milliseconds = occupied == 0 ? -1 : Int32(max(1, tickNanoseconds / 1_000_000))
            let count = epoll_wait(poll, events, Int32(capacity), turns.isEmpty ? milliseconds : 0)
            now = Self.monotonicNanoseconds()
            if count > 0 { for index in 0..<Int(count) { deliver(events[index]) } }
            let waiting = turns
            turns.removeAll(keepingCapacity: true)
            for handler in waiting { handler.turn() }
            if now - lastTick >= tickNanoseconds {
                lastTick = now
                for slot in slots { slot.handler?.tick(now) }
            }
        }
        // What is still in the inbox may hold suspended tasks: run it, then take no more.
        while runInbox() {}
        inbox.withLock { $0.isClosed = true }
        _ = runInbox()
    }

    private func deliver(_ event: epoll_event) {
        let index = Int(event.data.u64 & 0xFFFF_FFFF)
        if index == Int(wakeup) {
            var count: UInt64 = 0
            _ = read(wakeup, &count, 8)
            _ = runInbox()
        } else if index < slots.count, slots[index].generation == UInt32(event.data.u64 >> 32) {
            slots[index].handler?.ready(Readiness(rawValue: event.events))
        }
    }

    private func runInbox() -> Bool {
        let work = inbox.withLock { inbox in
            var work: [@Sendable () -> Void] = []
            swap(&work, &inbox.work)
            return work
        }
        for item in work { item() }
        return !work.isEmpty
    }
}

extension Duration {
    /// Whole nanoseconds, at least 0.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
