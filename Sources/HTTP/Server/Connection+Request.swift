import Logging
import Primitives
import Telemetry

/// From decoded events to running handlers.
extension Connection {
    func handle(_ event: RequestEvent) {
        switch event {
        case .head(let head): begin(head)
        case .chunk(let bytes): take(bytes)
        case .end:
            exchange?.isRequestComplete = true
            if phase == .collecting { startHandler() } else { endRequestStream(throwing: nil) }
        case .fault(let fault):
            keepsAlive = false
            if phase == .handling {
                exchange?.fault = fault
                endRequestStream(throwing: RequestBodyError.faulty(fault))
            } else {
                fail(.malformed(fault))
            }
        }
    }

    private func begin(_ head: RequestHead) {
        let resolution = context.application.resolve(head.method, head.target)
        exchangeCount += 1
        exchange = Exchange(
            id: loop.nextRequestID(), serial: exchangeCount, head: head, resolution: resolution, started: EventLoop.monotonicNanoseconds(),
            client: client(of: head))
        keepsAlive = head.keepsAlive && !context.isDraining
        decoder.setBodyLimit(resolution.body.limit)
        exchange?.owesContinue = head.expectsContinue && isWelcome(head.framing, limit: resolution.body.limit)
        if exchange?.isStreamed == true {
            startHandler()
        } else {
            inviteContent()
            enter(.collecting)
        }
    }

    /// Asks a client that waits for it to send its content. A stream is asked for when its handler reads it: who is refused
    /// before, for want of a key, learns so without having sent anything (RFC 9110 §10.1.1).
    private func inviteContent() {
        guard exchange?.owesContinue == true else { return }
        exchange?.owesContinue = false
        output.append { $0.append(contentsOf: ResponseEncoder.continueLine) }
    }

    /// Content that is known to be too large is refused at once instead of asked for (RFC 9110 §10.1.1).
    private func isWelcome(_ framing: BodyFraming, limit: Int) -> Bool {
        switch framing {
        case .none: false
        case .length(let length): length <= limit
        case .chunked: true
        }
    }

    private func take(_ bytes: [UInt8]) {
        guard phase == .handling else {
            if exchange?.collected.isEmpty == true { exchange?.collected = bytes } else { exchange?.collected += bytes }
            return
        }
        if let reader = exchange?.reader {
            exchange?.reader = nil
            reader.resume(returning: bytes)
        } else {
            exchange?.incoming.append(bytes)
            exchange?.incomingBytes += bytes.count
        }
    }

    private func startHandler() {
        guard let exchange else { return }
        enter(.handling)
        let (serial, resolution) = (exchange.serial, exchange.resolution)
        let body: RequestBody
        if exchange.isStreamed {
            body = RequestBody(streaming: { [self] in try await readChunk(serial) })
        } else {
            body = RequestBody(exchange.collected)
            self.exchange?.collected = []
        }
        let request = HTTPRequest(
            id: exchange.id, method: exchange.head.method, target: exchange.head.target, headers: exchange.head.headers,
            remoteAddress: remoteAddress, parameters: resolution.parameters, body: body)
        // The connection owns the task: closing it cancels the handler.
        let task = Task.immediate { [self] in
            let response = await answer(request, resolution)
            await send(response, to: request, serial)
        }
        if self.exchange?.serial == serial { self.exchange?.task = task }
    }

    private func answer(_ request: HTTPRequest, _ resolution: Resolution) async -> HTTPResponse {
        do {
            return try await resolution.handler(request)
        } catch RequestBodyError.faulty(let fault) {
            return context.application.response(
                to: HTTPFailure(.malformed(fault), requestID: request.id, method: request.method, path: request.path))
        } catch RequestBodyError.connectionLost {
            return context.application.response(
                to: HTTPFailure(.requestTimeout, requestID: request.id, method: request.method, path: request.path))
        } catch {
            let failure = HTTPFailure(.handlerFailed("\(error)"), requestID: request.id, method: request.method, path: request.path)
            context.observer.logger.error(
                "handler failed", metadata: ["requestId": "\(request.id)", "path": "\(request.path)", "error": "\(error)"])
            return context.application.response(to: failure)
        }
    }

    // MARK: Streamed content

    /// Off the loop: the next piece of the request with this serial number.
    private func readChunk(_ serial: Int) async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let accepted = loop.submit { self.giveChunk(to: continuation, serial) }
                if !accepted { continuation.resume(throwing: RequestBodyError.connectionLost) }
            }
        } onCancel: {
            loop.submit {
                guard self.exchange?.serial == serial, let reader = self.exchange?.reader else { return }
                self.exchange?.reader = nil
                reader.resume(throwing: CancellationError())
            }
        }
    }

    private func giveChunk(to reader: CheckedContinuation<[UInt8]?, any Error>, _ serial: Int) {
        guard let exchange, exchange.serial == serial, exchange.reader == nil else {
            return reader.resume(throwing: RequestBodyError.connectionLost)
        }
        if !exchange.incoming.isEmpty {
            let bytes = exchange.incoming.count == 1 ? exchange.incoming[0] : exchange.incoming.flatMap { $0 }
            self.exchange?.incoming = []
            self.exchange?.incomingBytes = 0
            reader.resume(returning: bytes)
            return pump()
        }
        if let fault = exchange.fault { return reader.resume(throwing: RequestBodyError.faulty(fault)) }
        if exchange.isRequestComplete { return reader.resume(returning: nil) }
        if inputEnded { return reader.resume(throwing: RequestBodyError.connectionLost) }
        self.exchange?.reader = reader
        self.exchange?.readerSince = loop.now
        guard exchange.owesContinue else { return }
        inviteContent()
        pump()
    }

    /// Tells a waiting reader that nothing more comes: nil error for the regular end.
    func endRequestStream(throwing error: (any Error)?) {
        if error != nil { keepsAlive = false }
        guard let reader = exchange?.reader else { return }
        exchange?.reader = nil
        if let error { reader.resume(throwing: error) } else { reader.resume(returning: nil) }
    }
}
