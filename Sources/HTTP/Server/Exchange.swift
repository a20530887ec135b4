import Primitives

/// One request and its response, while they are in progress on a connection.
struct Exchange {
    let id: ID<HTTPRequest>
    /// Number of the request on its connection: late words of an earlier handler are recognised by it.
    let serial: Int
    let head: RequestHead
    let resolution: Resolution
    /// Monotonic nanoseconds.
    let started: UInt64
    /// Whose request a trusted proxy hands on; nil where nobody does.
    let client: String?

    // The request's content.
    /// The client waits for 100 (Continue) and has not had it.
    var owesContinue = false
    var collected: [UInt8] = []
    var incoming: [[UInt8]] = []
    var incomingBytes = 0
    var isRequestComplete = false
    var fault: RequestFault?
    var reader: CheckedContinuation<[UInt8]?, any Error>?
    /// When the reader last got something, or began to wait.
    var readerSince: UInt64 = 0

    // The response.
    var task: Task<Void, Never>?
    var status: HTTPStatus?
    /// Bytes of content that were queued.
    var contentBytes = 0
    /// Finished only when the socket has taken everything: file regions are not copied.
    var endsWhenSent = false
    var stream: Stream?
    var writers: [CheckedContinuation<Void, any Error>] = []

    /// A streamed response.
    struct Stream {
        let framing: ResponseEncoder.Framing
        let onDrain: ResponseStream.OnDrain
    }

    var isStreamed: Bool {
        if case .streamed = resolution.body { return true }
        return false
    }
}
