import CCurl
import CSocketEvents
import Glibc
import Synchronization

/// One request on one libcurl handle: its options, its callbacks and what they gathered.
///
/// Used by one thread at a time, the lane's; only `cancellation` is touched from elsewhere.
final class CurlExchange {
    private let request: ClientRequest
    private let url: OutgoingURL
    private let receiver: ResponseReceiver?
    private let cancellation: CurlCancellation
    private var handle: UnsafeMutableRawPointer?

    private var status: Int?
    private var headers = HeaderFields()
    private var headerBytes = 0
    private var isHeadComplete = false
    /// A redirect on the way: its body is nobody's.
    private var isFollowed = false
    private var body: [UInt8] = []
    /// What ended the request from inside a callback; libcurl only knows that it was told to stop.
    private var failure: HTTPClientError?
    private var lastActivity = EventLoop.monotonicNanoseconds()
    private var transferred = 0

    init(_ request: ClientRequest, url: OutgoingURL, receiver: ResponseReceiver?, cancellation: CurlCancellation) {
        self.request = request
        self.url = url
        self.receiver = receiver
        self.cancellation = cancellation
    }

    /// Resolves, checks, connects, sends and receives. Blocks until the response has ended.
    func run(on curl: CurlHandle) throws(HTTPClientError) -> ClientResponse {
        let addresses = try permittedAddresses()
        handle = curl.easy
        let headerList = headerLines()
        let pins = pinList(addresses)
        defer {
            curl_slist_free_all(headerList)
            curl_slist_free_all(pins)
            curl.reset()
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        configure(curl, headers: headerList, pins: pins, context: context)
        let code = curl.perform(cancellation: cancellation) { self.isIdleTooLong() }
        if let failure { throw failure }
        switch code {
        case .cancelled: throw .cancelled
        case .idle: throw .timedOut(.idle)
        case .done(CURLE_OK): break
        case .done(let code): throw curl.error(code, host: url.host, request)
        }
        guard isHeadComplete else { throw .malformedResponse("it has no head") }
        return response(body: body)
    }

    private func permittedAddresses() throws(HTTPClientError) -> [IPAddress] {
        let addresses = if let address = url.address { [address] } else { try HostResolver.addresses(of: url.host) }
        for address in addresses {
            do { try request.policy.check(address) } catch { throw .refused(error) }
        }
        return addresses
    }

    private func isIdleTooLong() -> Bool {
        EventLoop.monotonicNanoseconds() - lastActivity > request.idleTimeout.nanoseconds
    }

    // MARK: Options

    private func configure(
        _ curl: CurlHandle, headers: UnsafeMutablePointer<curl_slist>?, pins: UnsafeMutablePointer<curl_slist>?,
        context: UnsafeMutableRawPointer
    ) {
        curl.set(CURLOPT_URL, url.description)
        curl.set(CURLOPT_PROTOCOLS_STR, url.scheme.rawValue)
        curl.set(CURLOPT_CUSTOMREQUEST, request.method.description)
        if request.method == .head { curl.set(CURLOPT_NOBODY, 1) }
        if !request.body.isEmpty || request.method == .post || request.method == .put || request.method == .patch {
            curl.set(CURLOPT_POST, 1)
            rm_curl_set_offset(curl.easy, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
            request.body.withUnsafeBytes { bytes in
                // COPYPOSTFIELDS, after the size: libcurl keeps its own copy.
                _ = rm_curl_set_pointer(curl.easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            if request.body.isEmpty { curl.set(CURLOPT_COPYPOSTFIELDS, "") }
        }
        rm_curl_set_list(curl.easy, CURLOPT_HTTPHEADER, headers)
        rm_curl_set_list(curl.easy, CURLOPT_RESOLVE, pins)
        curl.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
        if let total = request.totalTimeout { curl.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(total)) }
        curl.set(CURLOPT_NOPROGRESS, 0)
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_OPENSOCKETDATA] {
            rm_curl_set_pointer(curl.easy, option, context)
        }
        rm_curl_set_data_callback(curl.easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let exchange = CurlExchange.from(context) else { return 0 }
            return exchange.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        rm_curl_set_data_callback(curl.easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let exchange = CurlExchange.from(context) else { return 0 }
            return exchange.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        rm_curl_set_progress_callback(curl.easy) { context, _, down, _, up in
            CurlExchange.from(context)?.progressed(down + up)
            return 0
        }
        rm_curl_set_socket_callback(curl.easy) { context, _, address in
            guard let address, let exchange = CurlExchange.from(context) else { return rm_curl_no_socket() }
            return exchange.openSocket(&address.pointee)
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlExchange? {
        context.map { Unmanaged<CurlExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration.nanoseconds / 1_000_000)) }

    private func headerLines() -> UnsafeMutablePointer<curl_slist>? {
        // Neither is ever wanted: no waiting for 100, and bodies that are exactly the bytes on the wire.
        var list = curl_slist_append(nil, "Expect:")
        if request.body.isEmpty || request.headers[.contentType] == nil { list = curl_slist_append(list, "Content-Type:") }
        for field in request.headers {
            // libcurl's own notation for an empty value is a semicolon.
            list = curl_slist_append(list, field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return list
    }

    /// Ties the name to the checked addresses, so that no second look-up can give others.
    private func pinList(_ addresses: [IPAddress]) -> UnsafeMutablePointer<curl_slist>? {
        guard url.address == nil else { return nil }
        let list = addresses.map { $0.isIPv4 ? $0.description : "[\($0)]" }.joined(separator: ",")
        return curl_slist_append(nil, "\(url.host):\(url.port):\(list)")
    }

    // MARK: Callbacks

    private func openSocket(_ target: inout curl_sockaddr) -> curl_socket_t {
        let address = withUnsafePointer(to: &target.addr) { IPAddress($0) }
        do {
            guard let address else { throw URLRefusal.address("unknown") }
            try request.policy.check(address)
        } catch {
            failure = .refused(error as? URLRefusal ?? .malformed)
            return rm_curl_no_socket()
        }
        return socket(target.family, target.socktype | Int32(SOCK_CLOEXEC.rawValue), target.protocol)
    }

    private func progressed(_ bytes: Int) {
        guard bytes != transferred else { return }
        transferred = bytes
        lastActivity = EventLoop.monotonicNanoseconds()
    }

    private func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        lastActivity = EventLoop.monotonicNanoseconds()
        headerBytes += line.count
        guard headerBytes <= 64 << 10 else { return stop(.malformedResponse("its head is too large")) }
        let text = ByteClass.trimmed(String(decoding: line, as: UTF8.self).filter { $0 != "\r\n" && $0 != "\n" && $0 != "\r" })
        if text.hasPrefix("HTTP/"), !isHeadComplete {
            // Every status line starts anew: an interim response came before.
            headers = HeaderFields()
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            return true
        }
        guard !isHeadComplete else { return true }  // trailers
        guard text.isEmpty else {
            guard let colon = text.firstIndex(of: ":"), let name = HeaderName(String(text[..<colon])) else {
                return stop(.malformedResponse("a header field has no name"))
            }
            headers.append(name, ByteClass.trimmed(text[text.index(after: colon)...]))
            return true
        }
        guard let status else { return stop(.malformedResponse("it has no status")) }
        return status < 200 ? true : completeHead()
    }

    private func completeHead() -> Bool {
        isHeadComplete = true
        let response = response(body: [])
        // A kept connection may have been opened under another policy.
        guard let peer = IPAddress(response.remoteAddress), (try? request.policy.check(peer)) != nil else {
            return stop(.refused(.address(response.remoteAddress)))
        }
        isFollowed = request.maximumRedirects > 0 && HTTPClient.redirection(of: response) != nil
        guard let receiver, !isFollowed else { return true }
        do {
            try receiver.onHead(response)
            return true
        } catch {
            return stop(.stopped(by: error))
        }
    }

    private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastActivity = EventLoop.monotonicNanoseconds()
        guard let receiver, !isFollowed else {
            guard body.count + bytes.count <= request.maximumResponseBytes else {
                return stop(.responseTooLarge(limit: request.maximumResponseBytes))
            }
            body.append(contentsOf: bytes)
            return true
        }
        do {
            try receiver.onBytes(bytes.bytes)
            // What a slow receiver took is not the peer's silence.
            lastActivity = EventLoop.monotonicNanoseconds()
            return true
        } catch {
            return stop(.stopped(by: error))
        }
    }

    private func stop(_ error: HTTPClientError) -> Bool {
        if failure == nil { failure = error }
        return false
    }

    private func response(body: [UInt8]) -> ClientResponse {
        ClientResponse(
            status: HTTPStatus(status ?? 0), headers: headers, body: body, url: url,
            remoteAddress: handle.flatMap { CurlHandle.text($0, CURLINFO_PRIMARY_IP) } ?? "")
    }
}
