import Glibc

/// Reads HTTP/1 requests out of the bytes of one connection (RFC 9112): bytes in, events out, no I/O.
///
/// What an input means never depends on how it was cut into pieces. Anything a second reader could frame differently is a
/// fault: bare LF or CR, obsolete folding, white space before a colon, doubtful lengths.
package struct RequestDecoder {
    private enum State {
        case start
        case fields
        case content(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case failed
    }

    private let limits: RequestLimits
    private var buffer: [UInt8] = []
    /// First unread byte of the buffer.
    private var start = 0
    /// Bytes from `start` that are known to hold no LF.
    private var scanned = 0
    private var state = State.start
    private var builder = RequestHeadBuilder()
    private var bodyLimit: Int
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var skippedEmptyLine = false
    /// Where the request line begins, while it is read.
    private var lineStart = 0
    /// After a fault in a head: what can be told of its request.
    package private(set) var refusedHead: RefusedHead?

    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
        bodyLimit = limits.bodyBytes
    }

    /// Bytes that were fed and are not yet part of an event.
    package var bufferedCount: Int { buffer.count - start }

    /// Whether a request has begun: some, but not all, of its bytes were seen.
    package var isInsideRequest: Bool {
        if case .start = state { return bufferedCount > 0 }
        return true
    }

    /// Limit of the content whose head was just returned, before the next event is asked for.
    package mutating func setBodyLimit(_ bytes: Int) { bodyLimit = bytes }

    package mutating func feed(_ bytes: some Collection<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 128 << 10)
            start = 0
        } else if start > 32 << 10 {
            buffer.removeSubrange(..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next event, or nil when more bytes are needed or a fault was reported.
    package mutating func next() -> RequestEvent? {
        do {
            return try step()
        } catch {
            switch state {
            case .start: refusedHead = RefusedHead(requestLine: buffer[min(lineStart, buffer.count)...])
            case .fields: refusedHead = builder.refused
            case .content, .chunkSize, .chunkData, .chunkEnd, .trailers, .failed: break
            }
            state = .failed
            buffer = []
            (start, scanned) = (0, 0)
            return .fault(error)
        }
    }

    private mutating func step() throws(RequestFault) -> RequestEvent? {
        while true {
            switch state {
            case .failed: return nil
            case .start:
                guard try startRequest() else { return nil }
                state = .fields
            case .fields:
                guard let head = try readFields() else { return nil }
                beginContent(of: head)
                return .head(head)
            case .content(let remaining):
                if bodyBytes + remaining > bodyLimit { throw .contentTooLarge }
                if remaining == 0 { return finish(trailers: HeaderFields()) }
                guard let chunk = take(atMost: remaining) else { return nil }
                bodyBytes += chunk.count
                state = .content(remaining: remaining - chunk.count)
                return .chunk(chunk)
            case .chunkSize:
                guard let size = try readChunkSize() else { return nil }
                state = size == 0 ? .trailers : .chunkData(remaining: size)
            case .chunkData(let remaining):
                guard let chunk = take(atMost: remaining) else { return nil }
                state = remaining == chunk.count ? .chunkEnd : .chunkData(remaining: remaining - chunk.count)
                return .chunk(chunk)
            case .chunkEnd:
                guard try readChunkEnd() else { return nil }
                state = .chunkSize
            case .trailers:
                guard let trailers = try readTrailers() else { return nil }
                return finish(trailers: trailers)
            }
        }
    }

    private mutating func beginContent(of head: RequestHead) {
        (bodyBytes, extensionBytes, bodyLimit) = (0, 0, limits.bodyBytes)
        switch head.framing {
        case .none: state = .content(remaining: 0)
        case .length(let length): state = .content(remaining: length)
        case .chunked: state = .chunkSize
        }
    }

    private mutating func finish(trailers: HeaderFields) -> RequestEvent {
        state = .start
        skippedEmptyLine = false
        builder = RequestHeadBuilder()
        return .end(trailers: trailers)
    }

    // MARK: Head

    /// Reads the request line. A connection may begin a request with one empty line (RFC 9112 §2.2).
    private mutating func startRequest() throws(RequestFault) -> Bool {
        while true {
            guard start < buffer.count else { return false }
            lineStart = start
            // Garbage such as a TLS hello is answered at its first byte; it may never hold an LF.
            guard ByteClass.isTokenByte(buffer[start]) || buffer[start] == 0x0D || buffer[start] == 0x0A else { throw .requestLine }
            let longest = limits.targetBytes + RequestHeadBuilder.requestLineOverhead
            guard let line = try takeLine(longest: longest, else: .targetTooLong) else { return false }
            if line.isEmpty {
                guard !skippedEmptyLine else { throw .requestLine }
                skippedEmptyLine = true
                continue
            }
            try withBytes(line) { (bytes) throws(RequestFault) in
                try builder.readRequestLine(bytes, targetLimit: limits.targetBytes)
            }
            return true
        }
    }

    private mutating func readFields() throws(RequestFault) -> RequestHead? {
        while true {
            guard let line = try takeLine(longest: limits.headerBytes - builder.fieldBytes, else: .headersTooLarge) else { return nil }
            if line.isEmpty { return try builder.finish() }
            try withBytes(line) { (bytes) throws(RequestFault) in try builder.readField(bytes, limits: limits) }
        }
    }

    // MARK: Chunks

    private mutating func readChunkSize() throws(RequestFault) -> Int? {
        guard let line = try takeLine(longest: limits.chunkLineBytes, else: .chunk) else { return nil }
        let (size, extensions) = try withBytes(line) { (bytes) throws(RequestFault) in try ChunkSize.parse(bytes) }
        extensionBytes += extensions
        guard extensionBytes <= limits.chunkExtensionBytes else { throw .chunk }
        let (sum, overflow) = bodyBytes.addingReportingOverflow(size)
        guard !overflow, sum <= bodyLimit else { throw .contentTooLarge }
        bodyBytes = sum
        if size == 0 { builder.beginTrailers() }
        return size
    }

    private mutating func readChunkEnd() throws(RequestFault) -> Bool {
        guard start < buffer.count else { return false }
        guard buffer[start] == 0x0D else { throw .chunk }
        guard start + 1 < buffer.count else { return false }
        guard buffer[start + 1] == 0x0A else { throw .chunk }
        consume(2)
        return true
    }

    private mutating func readTrailers() throws(RequestFault) -> HeaderFields? {
        while true {
            guard let line = try takeLine(longest: limits.headerBytes - builder.fieldBytes, else: .headersTooLarge) else { return nil }
            if line.isEmpty { return builder.finishTrailers() }
            try withBytes(line) { (bytes) throws(RequestFault) in try builder.readField(bytes, limits: limits) }
        }
    }

    // MARK: Bytes

    private mutating func take(atMost count: Int) -> [UInt8]? {
        let available = min(count, buffer.count - start)
        guard available > 0 else { return nil }
        defer { consume(available) }
        return Array(buffer[start..<(start + available)])
    }

    private mutating func consume(_ count: Int) {
        start += count
        scanned = 0
    }

    /// The next line without its CR LF, or nil when its end has not come yet.
    ///
    /// The length is judged before the content, for whole and partial lines alike: so the verdict does not depend on cuts.
    private mutating func takeLine(longest: Int, else tooLong: RequestFault) throws(RequestFault) -> Range<Int>? {
        let from = start
        let already = scanned
        let end: Int? = buffer.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, bytes.count > from + already else { return nil }
            guard let found = memchr(base + from + already, 0x0A, bytes.count - from - already) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
        guard let end else {
            scanned = buffer.count - from
            if scanned > longest + 1 { throw tooLong }
            return nil
        }
        guard end - from <= longest + 1 else { throw tooLong }
        guard end > from, buffer[end - 1] == 0x0D else { throw .lineEnding }
        consume(end + 1 - from)
        return from..<(end - 1)
    }

    private func withBytes<Value>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws(RequestFault) -> Value
    ) throws(RequestFault) -> Value {
        let result = buffer.withUnsafeBufferPointer { bytes in
            Result<Value, RequestFault> { () throws(RequestFault) -> Value in
                try body(UnsafeBufferPointer(rebasing: bytes[range]))
            }
        }
        return try result.get()
    }
}
