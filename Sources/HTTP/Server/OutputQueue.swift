import Glibc

/// Bytes and file regions waiting to leave through one socket.
package struct OutputQueue {
    private struct Segment {
        var bytes: [UInt8] = []
        var sent = 0
        var file: OpenFile?
        var offset = 0
        var remaining = 0
    }

    package enum Outcome: Equatable {
        /// Nothing is left.
        case empty
        /// The socket takes no more now.
        case blocked
        /// Much was sent at once: let other connections have their turn.
        case yielded
        case failed
    }

    /// A file is sent in slices, so that one reader of a large file does not hold up the others.
    private static let bytesPerTurn = 4 << 20
    /// Bytes that have left are dropped once a segment has more of them than this, and more than bytes that wait: what is moved
    /// to their place is no more than what is dropped, so that each byte is moved once on average.
    private static let keptSentBytes = 64 << 10

    private var segments: [Segment] = []
    private var first = 0
    /// The buffer of the last response, empty, to be filled again.
    private var spare: [UInt8] = []
    /// Bytes in memory that wait; file regions do not count.
    package private(set) var memoryBytes = 0
    /// All bytes that ever left.
    private(set) var sentBytes = 0

    package init() {}

    var isEmpty: Bool { first == segments.count }

    /// Bytes in memory, those that wait and those that have left.
    package var heldBytes: Int { segments.reduce(0) { $0 + $1.bytes.count } }

    /// Gives the tail of the queue to an encoder.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        if isEmpty || segments[segments.count - 1].file != nil {
            var segment = Segment()
            swap(&segment.bytes, &spare)
            segments.append(segment)
        }
        let last = segments.count - 1
        let before = segments[last].bytes.count
        write(&segments[last].bytes)
        memoryBytes += segments[last].bytes.count - before
    }

    mutating func append(file: OpenFile, offset: Int, length: Int) {
        guard length > 0 else { return }
        segments.append(Segment(file: file, offset: offset, remaining: length))
    }

    package mutating func flush(to descriptor: Int32) -> Outcome {
        var turn = 0
        while first < segments.count {
            if turn >= Self.bytesPerTurn { return .yielded }
            let outcome = segments[first].file == nil ? sendBytes(descriptor) : sendFile(descriptor)
            switch outcome {
            case .bytes(let count):
                turn += count
                sentBytes += count
            case .wouldBlock: return .blocked
            case .closed: return .failed
            }
        }
        recycle()
        return .empty
    }

    private mutating func sendBytes(_ descriptor: Int32) -> Socket.Transfer {
        let index = first
        let hasMore = index + 1 < segments.count
        let count = segments[index].bytes.count - segments[index].sent
        guard count > 0 else {
            first += 1
            return .bytes(0)
        }
        let sent = segments[index].sent
        let outcome = segments[index].bytes.withUnsafeBytes { bytes in
            Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: bytes[sent...]), hasMore: hasMore)
        }
        if case .bytes(let done) = outcome {
            memoryBytes -= done
            segments[index].sent += done
            if done == count { first += 1 } else { dropSent(of: index) }
        }
        return outcome
    }

    /// Gives back what has left of a segment that is not at its end: while a slow client goes on asking, it may never come there.
    private mutating func dropSent(of index: Int) {
        let sent = segments[index].sent
        guard sent > Self.keptSentBytes, sent > segments[index].bytes.count - sent else { return }
        segments[index].bytes.removeFirst(sent)
        segments[index].sent = 0
    }

    private mutating func sendFile(_ descriptor: Int32) -> Socket.Transfer {
        let segment = segments[first]
        guard let file = segment.file else { return .closed }
        let slice = min(segment.remaining, 1 << 20)
        let outcome = Socket.sendFile(descriptor, file: file.descriptor, offset: segment.offset, count: slice)
        guard case .bytes(let done) = outcome else { return outcome }
        // The file became shorter than promised: the client must see a cut connection, not a short success.
        guard done > 0 else { return .closed }
        segments[first].offset += done
        segments[first].remaining -= done
        if segments[first].remaining == 0 { first += 1 }
        return outcome
    }

    /// Keeps one buffer for the next response.
    private mutating func recycle() {
        if segments.count == 1, segments[0].file == nil, segments[0].bytes.capacity <= 64 << 10 {
            swap(&spare, &segments[0].bytes)
            spare.removeAll(keepingCapacity: true)
        }
        segments.removeAll(keepingCapacity: true)
        (first, memoryBytes) = (0, 0)
    }
}
