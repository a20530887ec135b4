import CCurl
import Lanes
import Synchronization

/// Requests to other servers over libcurl, each on a lane of its own, with connections kept for the next one.
package final class HTTPClient: Sendable {
    /// A lane and the handle that only it uses.
    private struct Line: Sendable {
        let lane: SerialLane
        let handle: CurlHandle
    }

    /// What became of waiting for a line.
    private enum Turn: Sendable { case take(Line), make, cancelled }

    private struct Pool {
        var idle: [Line] = []
        var made = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Turn, Never>)] = []
        var tickets = 0
    }

    private let maximumConcurrentRequests: Int
    private let authorities: [UInt8]?
    private let pool = Mutex(Pool())

    /// - Parameter maximumConcurrentRequests: further requests wait for their turn.
    package init(maximumConcurrentRequests: Int = 32, authorities: CertificateAuthorities = .system) throws(HTTPClientError) {
        self.maximumConcurrentRequests = max(1, maximumConcurrentRequests)
        self.authorities = try authorities.bundle()
        release(try makeLine())
        pool.withLock { $0.made = 1 }
    }

    /// Sends a request and gathers the response.
    package func send(_ request: ClientRequest) async throws(HTTPClientError) -> ClientResponse {
        try await follow(request, receiver: nil)
    }

    /// Sends a request and hands the response over while it arrives.
    ///
    /// - Returns: the response without its body.
    package func stream(_ request: ClientRequest, to receiver: ResponseReceiver) async throws(HTTPClientError) -> ClientResponse {
        try await follow(request, receiver: receiver)
    }

    // MARK: Redirects

    private func follow(_ request: ClientRequest, receiver: ResponseReceiver?) async throws(HTTPClientError) -> ClientResponse {
        var request = request
        var hops = 0
        while true {
            let url: OutgoingURL
            do { url = try request.policy.check(request.url) } catch { throw .refused(error) }
            let response = try await exchange(request, url, receiver)
            guard request.maximumRedirects > 0, request.method == .get || request.method == .head,
                let location = Self.redirection(of: response)
            else { return response }
            hops += 1
            guard hops <= request.maximumRedirects else { throw .tooManyRedirects(limit: request.maximumRedirects) }
            guard let next = Self.resolve(location, against: url) else { throw .refused(.malformed) }
            request.url = next
            // Credentials belong to the origin they were given for.
            if let target = try? OutgoingURL(next), !target.hasSameOrigin(as: url) {
                request.headers = Self.harmless(request.headers)
            }
        }
    }

    /// Where the response points to; nil when it is no redirect.
    static func redirection(of response: ClientResponse) -> String? {
        switch response.status.code {
        case 301, 302, 303, 307, 308: response.headers[.location]
        default: nil
        }
    }

    /// RFC 3986 §5.2 for what redirects use: an absolute URL, a network path, an absolute path, or a path relative to the base.
    static func resolve(_ location: String, against base: OutgoingURL) -> String? {
        let origin = base.scheme.rawValue + "://" + base.authority
        let head = location.prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" })
        if head.contains(":") { return location }
        if location.hasPrefix("//") { return base.scheme.rawValue + ":" + location }
        if location.hasPrefix("/") { return origin + location }
        let path = base.pathAndQuery.prefix(while: { $0 != "?" })
        if location.hasPrefix("?") { return origin + path + location }
        guard let slash = path.lastIndex(of: "/") else { return nil }
        return origin + path[...slash] + location
    }

    private static func harmless(_ headers: HeaderFields) -> HeaderFields {
        var kept = HeaderFields()
        let names: [HeaderName] = [.accept, .range, .ifRange, .userAgent]
        for field in headers where names.contains(field.name) { kept.append(field.name, field.value) }
        return kept
    }

    // MARK: Lines

    private func exchange(_ request: ClientRequest, _ url: OutgoingURL, _ receiver: ResponseReceiver?) async throws(HTTPClientError)
        -> ClientResponse
    {
        guard !Task.isCancelled else { throw .cancelled }
        let line = try await acquire()
        defer { release(line) }
        let cancellation = CurlCancellation()
        do {
            return try await withTaskCancellationHandler {
                try await line.lane.run {
                    try CurlExchange(request, url: url, receiver: receiver, cancellation: cancellation).run(on: line.handle)
                }
            } onCancel: {
                cancellation.cancel()
            }
        } catch let error as HTTPClientError {
            throw error
        } catch {
            throw .interrupted("\(error)")
        }
    }

    private func acquire() async throws(HTTPClientError) -> Line {
        let ticket = pool.withLock { pool in
            pool.tickets += 1
            return pool.tickets
        }
        let turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let turn: Turn? = pool.withLock { pool in
                    if Task.isCancelled { return .cancelled }
                    if let line = pool.idle.popLast() { return .take(line) }
                    if pool.made < maximumConcurrentRequests {
                        pool.made += 1
                        return .make
                    }
                    pool.waiting.append((ticket, continuation))
                    return nil
                }
                if let turn { continuation.resume(returning: turn) }
            }
        } onCancel: {
            let waiter = pool.withLock { pool in
                pool.waiting.firstIndex { $0.ticket == ticket }.map { pool.waiting.remove(at: $0).continuation }
            }
            waiter?.resume(returning: .cancelled)
        }
        switch turn {
        case .take(let line): return line
        case .cancelled: throw .cancelled
        case .make:
            do {
                return try makeLine()
            } catch {
                pool.withLock { $0.made -= 1 }
                throw error
            }
        }
    }

    private func makeLine() throws(HTTPClientError) -> Line {
        Line(lane: SerialLane(label: "http.client"), handle: try CurlHandle(authorities: authorities))
    }

    private func release(_ line: Line) {
        let waiter = pool.withLock { pool -> CheckedContinuation<Turn, Never>? in
            guard pool.waiting.isEmpty else { return pool.waiting.removeFirst().continuation }
            pool.idle.append(line)
            return nil
        }
        waiter?.resume(returning: .take(line))
    }
}
