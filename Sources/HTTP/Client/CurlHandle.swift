import CCurl
import Glibc
import Synchronization

/// Owner of one libcurl handle with its connections, used by one lane at a time.
///
/// Unchecked: the client lends it to one request after the other, and each uses it only inside one block on its lane.
final class CurlHandle: @unchecked Sendable {
    enum Outcome {
        case done(CURLcode)
        case cancelled
        case idle
    }

    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let authorities: [UInt8]?

    /// - Parameter authorities: PEM text that replaces libcurl's own roots.
    init(authorities: [UInt8]?) throws(HTTPClientError) {
        guard Self.isStarted, let easy = curl_easy_init() else { throw .unavailable("libcurl does not start") }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .unavailable("libcurl does not start")
        }
        self.easy = easy
        self.multi = multi
        self.authorities = authorities
        reset()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
    }

    private static let isStarted = rm_curl_start() == CURLE_OK

    /// Back to the options every request shares; connections stay open.
    func reset() {
        curl_easy_reset(easy)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_BUFFERSIZE, 256 << 10)
        set(CURLOPT_USERAGENT, "Remaster")
        // A proxy from the environment would connect on our behalf, past every check.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let authorities else { return }
        authorities.withUnsafeBytes { bytes in _ = rm_curl_set_blob(easy, CURLOPT_CAINFO_BLOB, bytes.baseAddress, bytes.count) }
    }

    func set(_ option: CURLoption, _ value: Int) { rm_curl_set_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { rm_curl_set_text(easy, option, value) }

    static func text(_ easy: UnsafeMutableRawPointer, _ info: CURLINFO) -> String? {
        var text: UnsafePointer<CChar>?
        guard rm_curl_get_text(easy, info, &text) == CURLE_OK, let text else { return nil }
        return String(cString: text)
    }

    /// Runs the configured request to its end. Unlike `curl_easy_perform` it can be woken to stop at once.
    func perform(cancellation: CurlCancellation, isIdle: () -> Bool) -> Outcome {
        guard cancellation.attach(multi) else { return .cancelled }
        defer { cancellation.detach() }
        curl_multi_add_handle(multi, easy)
        defer { curl_multi_remove_handle(multi, easy) }
        while true {
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return .done(CURLE_OUT_OF_MEMORY) }
            var remaining: Int32 = 0
            while let message = curl_multi_info_read(multi, &remaining) {
                if message.pointee.msg == CURLMSG_DONE { return .done(message.pointee.data.result) }
            }
            if cancellation.isCancelled { return .cancelled }
            if isIdle() { return .idle }
            curl_multi_poll(multi, nil, 0, 200, nil)
        }
    }

    /// libcurl's code as ours.
    func error(_ code: CURLcode, host: String, _ request: ClientRequest) -> HTTPClientError {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolvable(host: host)
        case CURLE_COULDNT_CONNECT: .cannotConnect(host: host)
        case CURLE_OPERATION_TIMEDOUT: .timedOut(isConnected ? .total : .connecting)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR:
            .tls(String(cString: curl_easy_strerror(code)))
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: .refused(.malformed)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_BAD_CONTENT_ENCODING:
            .malformedResponse(String(cString: curl_easy_strerror(code)))
        default: .interrupted(String(cString: curl_easy_strerror(code)))
        }
    }

    /// Whether a connection was made, TLS included, or an earlier one was used again.
    private var isConnected: Bool { Self.text(easy, CURLINFO_PRIMARY_IP)?.isEmpty == false }
}

/// Stops a request on another thread.
final class CurlCancellation: Sendable {
    private struct State {
        var isCancelled = false
        /// Bits of the multi handle while a request runs on it; woken only under the lock, so never after it is gone.
        var multi: UInt?
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let multi = state.multi.flatMap(UnsafeMutableRawPointer.init(bitPattern:)) { curl_multi_wakeup(multi) }
        }
    }

    /// False when the request is cancelled already.
    func attach(_ multi: UnsafeMutableRawPointer) -> Bool {
        state.withLock { state in
            guard !state.isCancelled else { return false }
            state.multi = UInt(bitPattern: multi)
            return true
        }
    }

    func detach() { state.withLock { $0.multi = nil } }
}
