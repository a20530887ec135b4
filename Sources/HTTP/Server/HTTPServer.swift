import Dispatch
import Glibc
import Logging
package import Telemetry

/// An HTTP/1.1 server on non-blocking sockets and a few event loops.
///
/// A handler starts on the event loop of its connection, so that an answer made at once costs no change of thread, and moves
/// to the shared pool at its first suspension: it must not block or compute for long before that.
package final class HTTPServer: Sendable {
    /// The port that is listened on.
    package let port: Int
    private let context: ServerContext
    private let loops: [EventLoop]
    private let listeners: [Listener]

    /// Binds and listens, accepting from then on. The observer's logger gets the access log at `info`.
    package static func start(
        _ configuration: HTTPServerConfiguration, application: any HTTPApplication, observer: Observer
    ) throws(HTTPServerError) -> HTTPServer {
        let context = ServerContext(configuration, application: application, observer: observer)
        var loops: [EventLoop] = []
        for _ in 0..<max(1, configuration.eventLoops) { loops.append(try EventLoop(tick: context.tick)) }
        var port = configuration.port
        var listeners: [Listener] = []
        for address in configuration.addresses {
            do {
                let listening = try Socket.listen(address: address, port: port)
                port = listening.port
                listeners.append(Listener(descriptor: listening.descriptor, loop: loops[0], loops: loops, context: context))
            } catch {
                for listener in listeners { listener.close() }
                throw error
            }
        }
        return HTTPServer(port: port, context: context, loops: loops, listeners: listeners)
    }

    private init(port: Int, context: ServerContext, loops: [EventLoop], listeners: [Listener]) {
        self.port = port
        self.context = context
        self.loops = loops
        self.listeners = listeners
        for (index, loop) in loops.enumerated() { loop.start(label: "http.loop-\(index)") }
        loops[0].submit { for listener in listeners { listener.start() } }
    }

    /// Stops accepting, closes idle connections and waits for requests in flight; then drops what is left.
    ///
    /// Streams that never end (`OnDrain.cancel`) are ended at once. Returns when every connection is closed.
    package func drain(deadline: Duration) async {
        context.beginDraining()
        let listeners = listeners
        loops[0].submit { for listener in listeners { listener.close() } }
        for loop in loops {
            loop.submit { for handler in loop.handlers { (handler as? Connection)?.drain() } }
        }
        let context = context
        await withCheckedContinuation { waiter in
            context.waitUntilIdle(waiter)
            // Only now: a release that came before the waiter would be lost, and the deadline with it.
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(deadline.nanoseconds))) { context.releaseWaiters() }
        }
        for loop in loops {
            loop.submit {
                for handler in loop.handlers { (handler as? Connection)?.close() }
                loop.stop()
            }
        }
        await withCheckedContinuation { context.waitUntilIdle($0) }
        await context.accessLog.flush()
    }
}
