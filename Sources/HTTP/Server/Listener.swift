import Dispatch
import Glibc
import Logging
import Telemetry

/// Accepts connections on one loop and deals them out to all loops in turn.
///
/// Unchecked: used only on its loop's thread after it was made.
final class Listener: ReadinessHandler, @unchecked Sendable {
    private let descriptor: Int32
    private let loop: EventLoop
    private let loops: [EventLoop]
    private let context: ServerContext
    private var next = 0
    private var isClosed = false

    init(descriptor: Int32, loop: EventLoop, loops: [EventLoop], context: ServerContext) {
        self.descriptor = descriptor
        self.loop = loop
        self.loops = loops
        self.context = context
    }

    func start() { if !isClosed { _ = loop.watch(descriptor, edgeTriggered: false, self) } }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(descriptor)
        Glibc.close(descriptor)
    }

    func ready(_ readiness: Readiness) {
        // Level-triggered: what is left after this many is reported again, after the connections had their turn.
        for _ in 0..<64 {
            switch Socket.accept(descriptor) {
            case .none: return
            case .exhausted: return pause()
            case .connection(let socket, let remote): deal(socket, remote)
            }
        }
    }

    func turn() {}
    func tick(_ now: UInt64) {}

    private func deal(_ socket: Int32, _ remote: String) {
        let admission = context.admit()
        guard admission != .dropped else {
            Glibc.close(socket)
            return
        }
        let target = loops[next]
        next = (next + 1) % loops.count
        let connection = Connection(socket, remoteAddress: remote, admission: admission, loop: target, context: context)
        if target === loop { return connection.start() }
        if !target.submit({ connection.start() }) {
            Glibc.close(socket)
            context.connectionClosed(admission)
        }
    }

    /// Out of descriptors the listener would stay ready for ever: rest, until connections have ended.
    private func pause() {
        context.observer.logger.warning("cannot accept connections: out of descriptors or memory")
        loop.forget(descriptor)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { self.loop.submit { self.start() } }
    }
}
