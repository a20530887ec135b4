import Glibc
import Primitives

/// From responses to queued bytes.
extension Connection {
    // MARK: Off the loop

    /// Hands a handler's response to the loop and, for a stream, produces its content.
    func send(_ response: HTTPResponse, to request: HTTPRequest, _ serial: Int) async {
        if loop.isCurrent { begin(response, serial) } else { loop.submit { self.begin(response, serial) } }
        guard case .stream(let stream) = response.body, request.method != .head, response.status.code != 204, response.status.code != 304
        else { return }
        let budget = StreamBudget(stream.contentLength)
        let writer = ResponseWriter { [self] bytes in
            guard budget.spend(bytes.count) else { throw ResponseWriterError.beyondContentLength }
            try await write(bytes, serial)
        }
        var failure: (any Error)?
        do {
            try await stream.produce(writer)
        } catch {
            failure = error
        }
        let isWhole = failure == nil && budget.isSpent
        let isCancelled = failure is CancellationError
        loop.submit { self.endStream(serial, isWhole: isWhole, isCancelled: isCancelled) }
    }

    private func write(_ bytes: [UInt8], _ serial: Int) async throws {
        try Task.checkCancellation()
        guard !bytes.isEmpty else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let accepted = loop.submit { self.queue(bytes, serial, continuation) }
                if !accepted { continuation.resume(throwing: ResponseWriterError.connectionLost) }
            }
        } onCancel: {
            loop.submit {
                guard self.exchange?.serial == serial else { return }
                self.resumeWriters(throwing: CancellationError())
            }
        }
    }

    // MARK: On the loop

    /// Answers what no handler answers and ends the connection afterwards.
    func fail(_ reason: HTTPFailure.Reason) {
        let head = exchange?.head
        let id = exchange?.id ?? ID()
        let method = head?.method ?? decoder.refusedHead?.method
        let failure = HTTPFailure(
            reason, requestID: id, method: method, path: head?.target.path ?? decoder.refusedHead?.path, remoteAddress: remoteAddress)
        var response = context.application.response(to: failure)
        // There is no handler's task here that could produce anything but bytes.
        if case .bytes = response.body {} else { response.body = .none }
        keepsAlive = false
        let framing = ResponseEncoder.framing(response, minorVersion: 1)
        appendHead(response, framing, minorVersion: 1)
        // The method may be unreadable; after HEAD the content would only be thrown away with the connection.
        if method != .head, case .bytes(let bytes) = response.body { output.append { $0.append(contentsOf: bytes) } }
        log(id: id, head, response.status, bytes: response.body.length ?? 0, since: exchange?.started ?? phaseSince, isCut: false)
        exchange = nil
        enter(.finishing)
    }

    private func begin(_ response: HTTPResponse, _ serial: Int) {
        guard phase == .handling, let current = exchange, current.serial == serial, current.status == nil else { return }
        let isHead = current.head.method == .head
        let framing = ResponseEncoder.framing(response, minorVersion: current.head.minorVersion)
        // Content that nobody read would be taken for the next request.
        if !current.isRequestComplete || framing == .untilClose && !isHead || context.isDraining { keepsAlive = false }
        if keepsAlive, response.headers[.connection] != nil {
            keepsAlive = !response.headers.list(.connection).contains { $0.lowercased() == "close" }
        }
        exchange?.status = response.status
        appendHead(response, framing, minorVersion: current.head.minorVersion)
        if isHead || framing == .none { return finishExchange() }
        switch response.body {
        case .none: finishExchange()
        case .bytes(let bytes):
            exchange?.contentBytes = bytes.count
            output.append { $0.append(contentsOf: bytes) }
            finishExchange()
        case .parts(let parts):
            exchange?.contentBytes = response.body.length ?? 0
            for part in parts {
                switch part {
                case .bytes(let bytes): output.append { $0.append(contentsOf: bytes) }
                case .file(let file, let offset, let length): output.append(file: file, offset: offset, length: length)
                }
            }
            exchange?.endsWhenSent = true
            pump()
        case .stream(let stream):
            exchange?.stream = Exchange.Stream(framing: framing, onDrain: stream.onDrain)
            if context.isDraining, stream.onDrain == .cancel { current.task?.cancel() }
            pump()
        }
    }

    private func appendHead(_ response: HTTPResponse, _ framing: ResponseEncoder.Framing, minorVersion: Int) {
        let (keepsAlive, date) = (keepsAlive, loop.dateLine())
        output.append { bytes in
            ResponseEncoder.appendHead(
                of: response, framing: framing, minorVersion: minorVersion, keepsAlive: keepsAlive, date: date, to: &bytes)
        }
    }

    private func queue(_ bytes: [UInt8], _ serial: Int, _ writer: CheckedContinuation<Void, any Error>) {
        guard phase == .handling, let current = exchange, current.serial == serial, let stream = current.stream else {
            return writer.resume(throwing: ResponseWriterError.connectionLost)
        }
        exchange?.contentBytes += bytes.count
        output.append { output in
            if stream.framing == .chunked { ResponseEncoder.appendChunk(bytes, to: &output) } else { output.append(contentsOf: bytes) }
        }
        exchange?.writers.append(writer)
        pump()
        if output.memoryBytes < Self.outputBacklog { resumeWriters() }
    }

    private func endStream(_ serial: Int, isWhole: Bool, isCancelled: Bool) {
        guard phase == .handling, let current = exchange, current.serial == serial, let stream = current.stream else { return }
        // A stream that the drain ended is whole; any other loss must be visible to the client.
        let endedByDrain = isCancelled && context.isDraining && stream.onDrain == .cancel
        guard isWhole || (endedByDrain && stream.framing != .untilClose) else {
            if endedByDrain { return finishExchange() }
            return close()
        }
        if case .length = stream.framing, !isWhole { return close() }
        if stream.framing == .chunked { output.append { $0.append(contentsOf: ResponseEncoder.lastChunk) } }
        finishExchange()
    }

    func resumeWriters(throwing error: (any Error)? = nil) {
        guard let writers = exchange?.writers, !writers.isEmpty else { return }
        exchange?.writers = []
        for writer in writers {
            if let error { writer.resume(throwing: error) } else { writer.resume() }
        }
    }

    /// The response is queued, or sent: on to the next request or to the end.
    func finishExchange() {
        guard let current = exchange, let status = current.status else { return }
        log(id: current.id, current.head, status, bytes: current.contentBytes, since: current.started, isCut: false)
        exchange = nil
        enter(keepsAlive ? .idle : .finishing)
        pump()
    }

    /// The connection is gone: cancels the handler and wakes everyone who waits for it.
    func abandonExchange() {
        guard let current = exchange else { return }
        endRequestStream(throwing: RequestBodyError.connectionLost)
        resumeWriters(throwing: ResponseWriterError.connectionLost)
        exchange = nil
        current.task?.cancel()
        if let status = current.status {
            log(id: current.id, current.head, status, bytes: current.contentBytes, since: current.started, isCut: true)
        }
    }

    private func log(id: ID<HTTPRequest>, _ head: RequestHead?, _ status: HTTPStatus, bytes: Int, since: UInt64, isCut: Bool) {
        guard context.accessLog.isEnabled else { return }
        let now = EventLoop.monotonicNanoseconds()
        context.accessLog.append(
            AccessLog.Entry(
                requestID: id, method: head?.method, target: head?.target, status: status, bytes: bytes,
                nanoseconds: now > since ? now - since : 0, remoteAddress: remoteAddress, isCut: isCut))
    }
}
