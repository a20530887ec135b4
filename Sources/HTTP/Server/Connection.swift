import CSocketEvents
import Glibc

/// One client connection: turns readiness into requests and responses into bytes, one request after the other.
///
/// Unchecked: every mutable property is touched only on the thread of the connection's loop.
final class Connection: ReadinessHandler, @unchecked Sendable {
    enum Phase {
        /// Between requests.
        case idle
        case head
        /// The content is gathered before the handler runs.
        case collecting
        /// A handler works, or its response is on its way.
        case handling
        /// The last response is queued; the connection ends when it has left.
        case finishing
        /// All is sent; what the client still sends is thrown away, so that no reset destroys the response it has yet to read.
        case lingering
        case closed
    }

    /// Response bytes in memory beyond which no further request is read and writers wait.
    static let outputBacklog = 256 << 10
    /// Request bytes in memory beyond which the socket is not read while a handler works.
    static let inputBacklog = 64 << 10

    let descriptor: Int32
    /// The other end of the connection.
    private let peer: String
    private let isFromProxy: Bool
    let admission: ServerContext.Admission
    let loop: EventLoop
    let context: ServerContext
    var decoder: RequestDecoder
    var output = OutputQueue()
    var phase = Phase.idle
    var phaseSince: UInt64
    var exchange: Exchange?
    var exchangeCount = 0
    /// The connection outlives the present response.
    var keepsAlive = true
    /// The client sends no more.
    var inputEnded = false
    /// The socket may hold bytes that no further event will announce.
    private var canRead = false
    private var peerHalfClosed = false
    /// Parsing or reading stopped because of the output backlog.
    private var isHeldBack = false
    private var isPumping = false
    private var needsPump = false
    private var isBlocked = false
    private var sendProgress: UInt64 = 0

    init(_ descriptor: Int32, remoteAddress: String, admission: ServerContext.Admission, loop: EventLoop, context: ServerContext) {
        self.descriptor = descriptor
        peer = remoteAddress
        isFromProxy = context.configuration.trustedProxies.contains(remoteAddress)
        self.admission = admission
        self.loop = loop
        self.context = context
        decoder = RequestDecoder(limits: context.configuration.limits)
        phaseSince = EventLoop.monotonicNanoseconds()
    }

    /// Whose request is in progress: the client that a trusted proxy names, else the other end of the connection.
    var remoteAddress: String { exchange?.client ?? peer }

    /// Nil where that is the other end of the connection.
    func client(of head: RequestHead) -> String? {
        isFromProxy ? context.configuration.trustedProxies.client(of: head.headers, peer: peer) : nil
    }

    func start() {
        guard !context.isDraining, loop.watch(descriptor, edgeTriggered: true, self) else {
            phase = .closed
            Glibc.close(descriptor)
            return context.connectionClosed(admission)
        }
        if admission == .refused {
            fail(.overloaded)
            pump()
        }
    }

    // MARK: Events

    func ready(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: .closed) { return close() }
        if readiness.contains(.halfClosed) { peerHalfClosed = true }
        if !readiness.isDisjoint(with: [.readable, .halfClosed]) { canRead = true }
        pump()
    }

    func turn() { pump() }

    func tick(_ now: UInt64) {
        let waited = now > phaseSince ? now - phaseSince : 0
        if isBlocked, now > sendProgress, now - sendProgress > context.sendTimeout { return close() }
        switch phase {
        case .idle where waited > context.idleTimeout: close()
        case .lingering where waited > context.lingerTimeout: close()
        case .head where waited > context.headTimeout, .collecting where waited > context.bodyTimeout:
            fail(.requestTimeout)
            pump()
        case .handling:
            guard let exchange, exchange.reader != nil, now > exchange.readerSince,
                now - exchange.readerSince > context.bodyTimeout
            else { return }
            endRequestStream(throwing: RequestBodyError.connectionLost)
        default: break
        }
    }

    func drain() {
        keepsAlive = false
        switch phase {
        case .idle where output.isEmpty: close()
        case .handling where exchange?.stream?.onDrain == .cancel: exchange?.task?.cancel()
        default: break
        }
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        phaseSince = loop.now
    }

    // MARK: Pumping

    /// Does everything that can be done without waiting: parse, read, send. Calls from inside itself only ask for another round.
    func pump() {
        needsPump = true
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        var reads = 0
        while needsPump, phase != .closed {
            needsPump = false
            parse()
            if canRead, phase != .closed, wantsInput {
                // Fairness: a client that sends without pause gives the others a turn.
                guard reads < 16 else {
                    loop.requestTurn(self)
                    return flush()
                }
                reads += 1
                receive()
                needsPump = true
            } else if phase != .closed {
                flush()
            }
        }
    }

    private var wantsInput: Bool {
        switch phase {
        case .closed, .finishing: return false
        case .lingering: return true
        case .handling:
            guard let exchange else { return false }
            return decoder.bufferedCount < Self.inputBacklog && exchange.incomingBytes < Self.inputBacklog
        case .idle, .head, .collecting:
            guard output.memoryBytes > Self.outputBacklog else { return true }
            isHeldBack = true
            return false
        }
    }

    private func receive() {
        switch Socket.receive(descriptor, into: loop.scratch) {
        case .bytes(let count):
            // A short read emptied the socket: what comes later is a new edge. Only an announced end needs one more read.
            if count < loop.scratch.count && !peerHalfClosed { canRead = false }
            if phase != .lingering { decoder.feed(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count])) }
        case .wouldBlock: canRead = false
        case .closed:
            canRead = false
            inputEnded = true
            if phase == .lingering { close() }
        }
    }

    private func parse() {
        while canParse {
            if output.memoryBytes > Self.outputBacklog {
                isHeldBack = true
                return
            }
            guard let event = decoder.next() else { break }
            handle(event)
        }
        switch phase {
        case .idle:
            if decoder.isInsideRequest { enter(.head) }
            // Half a request has no answer.
            if inputEnded { enter(.finishing) }
        case .head, .collecting: if inputEnded { enter(.finishing) }
        case .handling:
            if inputEnded, let exchange, exchange.isStreamed, !exchange.isRequestComplete {
                endRequestStream(throwing: RequestBodyError.connectionLost)
            }
        case .finishing, .lingering, .closed: break
        }
    }

    private var canParse: Bool {
        switch phase {
        case .idle, .head, .collecting: return true
        case .handling:
            guard let exchange, exchange.isStreamed, !exchange.isRequestComplete else { return false }
            return exchange.incomingBytes < Self.inputBacklog
        case .finishing, .lingering, .closed: return false
        }
    }

    private func flush() {
        let before = output.sentBytes
        switch output.flush(to: descriptor) {
        case .empty:
            isBlocked = false
            resumeWriters()
            if exchange?.endsWhenSent == true { finishExchange() }
            if phase == .finishing { linger() }
            if isHeldBack {
                isHeldBack = false
                needsPump = true
            }
        case .blocked:
            if output.sentBytes != before || !isBlocked { sendProgress = loop.now }
            isBlocked = true
            if output.memoryBytes < Self.outputBacklog / 4 { resumeWriters() }
        case .yielded:
            sendProgress = loop.now
            loop.requestTurn(self)
        case .failed: close()
        }
    }

    private func linger() {
        guard !inputEnded else { return close() }
        shutdown(descriptor, Int32(SHUT_WR))
        enter(.lingering)
        needsPump = true
    }

    /// Ends the connection at once; whoever waits on it learns so.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        loop.forget(descriptor)
        Glibc.close(descriptor)
        abandonExchange()
        context.connectionClosed(admission)
    }
}
