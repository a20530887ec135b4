import HTTP

/// Everything a decoder says about some input, with neighbouring pieces of content joined.
func events(of input: [UInt8], cutInto sizes: [Int] = [], limits: RequestLimits = RequestLimits()) -> [RequestEvent] {
    var decoder = RequestDecoder(limits: limits)
    var events: [RequestEvent] = []
    func drain() {
        while let event = decoder.next() {
            if case .chunk(let more) = event, case .chunk(let bytes)? = events.last {
                events[events.count - 1] = .chunk(bytes + more)
            } else {
                events.append(event)
            }
        }
    }
    var start = 0
    for size in sizes where start < input.count {
        let end = min(input.count, start + size)
        decoder.feed(input[start..<end])
        drain()
        start = end
    }
    decoder.feed(input[start...])
    drain()
    return events
}

func events(of text: String, limits: RequestLimits = RequestLimits()) -> [RequestEvent] {
    events(of: Array(text.utf8), limits: limits)
}

extension [RequestEvent] {
    var heads: [RequestHead] {
        compactMap { event in
            guard case .head(let head) = event else { return nil }
            return head
        }
    }

    var fault: RequestFault? {
        guard case .fault(let fault)? = last else { return nil }
        return fault
    }

    /// Content of all requests, joined.
    var content: String {
        let bytes = flatMap { event -> [UInt8] in
            guard case .chunk(let bytes) = event else { return [] }
            return bytes
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    var completed: Int {
        count { event in
            guard case .end = event else { return false }
            return true
        }
    }
}
