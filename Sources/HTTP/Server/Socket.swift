import CCurl
import CSocketEvents
import Glibc

/// The socket calls of the server, each once: EINTR is retried, expected codes are cases.
enum Socket {
    enum Transfer: Equatable {
        case bytes(Int)
        case wouldBlock
        case closed
    }

    /// Room for an address of any family.
    struct Address {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

        mutating func withPointer<Value>(_ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Value) -> Value {
            withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
            }
        }

        mutating func ipAddress() -> IPAddress? { withPointer { pointer, _ in IPAddress(pointer) } }

        mutating func port() -> Int {
            withPointer { pointer, _ in
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int(UInt16(bigEndian: $0.pointee.sin_port)) }
            }
        }
    }

    /// A listening, non-blocking socket, and the port it got. `::` becomes `0.0.0.0` where the system has no IPv6.
    static func listen(address text: String, port: Int) throws(HTTPServerError) -> (descriptor: Int32, port: Int) {
        do {
            return try listen(exactly: text, port: port)
        } catch .cannotListen(_, _, _, let code) where text == "::" && (code == EAFNOSUPPORT || code == EADDRNOTAVAIL) {
            return try listen(exactly: "0.0.0.0", port: port)
        }
    }

    private static func listen(exactly text: String, port: Int) throws(HTTPServerError) -> (descriptor: Int32, port: Int) {
        guard let ip = IPAddress(text), (0...65535).contains(port) else { throw .badAddress(text) }
        func failure(_ call: String) -> HTTPServerError { .cannotListen(address: text, port: port, call: call, code: errno) }
        let descriptor = socket(
            ip.isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket") }
        var failed: String?
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if !ip.isIPv4 { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, text == "::" ? 0 : 1) }
        var bound = address(ip, port)
        if bound.withPointer({ pointer, length in bind(descriptor, pointer, length) }) != 0 {
            failed = "bind"
        } else if Glibc.listen(descriptor, 4096) != 0 {
            failed = "listen"
        }
        if let failed {
            let error = failure(failed)
            close(descriptor)
            throw error
        }
        var actual = Address()
        _ = actual.withPointer { pointer, length in getsockname(descriptor, pointer, &length) }
        return (descriptor, actual.port())
    }

    private static func address(_ ip: IPAddress, _ port: Int) -> Address {
        var address = Address()
        if ip.isIPv4 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = in_port_t(port).bigEndian
            withUnsafeMutableBytes(of: &four.sin_addr) { $0.copyBytes(from: ip.bytes) }
            withUnsafeMutableBytes(of: &address.storage) { raw in withUnsafeBytes(of: four) { raw.copyMemory(from: $0) } }
            address.length = socklen_t(MemoryLayout<sockaddr_in>.size)
        } else {
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = in_port_t(port).bigEndian
            withUnsafeMutableBytes(of: &six.sin6_addr) { $0.copyBytes(from: ip.bytes) }
            withUnsafeMutableBytes(of: &address.storage) { raw in withUnsafeBytes(of: six) { raw.copyMemory(from: $0) } }
            address.length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
        return address
    }

    @discardableResult
    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
        var value = value
        return setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// What one `accept` gave.
    enum Accepted {
        case connection(Int32, remote: String)
        case none
        /// Out of descriptors or memory: worth trying again a little later.
        case exhausted
    }

    static func accept(_ listener: Int32) -> Accepted {
        while true {
            var address = Address()
            let descriptor = address.withPointer { pointer, length in
                accept4(listener, pointer, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
            if descriptor >= 0 {
                set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
                return .connection(descriptor, remote: address.ipAddress()?.unmapped.description ?? "")
            }
            switch errno {
            case EAGAIN: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            default: continue  // the connection died in the queue; the next one may live
            }
        }
    }

    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        transfer { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    }

    /// - Parameter hasMore: more follows at once, so the kernel may wait to fill a packet.
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, hasMore: Bool) -> Transfer {
        let flags = Int32(MSG_NOSIGNAL) | (hasMore ? Int32(MSG_MORE) : 0)
        return transfer { Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags) }
    }

    /// 0 bytes when the file ends before `count`.
    static func sendFile(_ descriptor: Int32, file: Int32, offset: Int, count: Int) -> Transfer {
        while true {
            var position = off_t(offset)
            let sent = sendfile(descriptor, file, &position, count)
            if sent >= 0 { return .bytes(sent) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .closed
        }
    }

    private static func transfer(_ call: () -> Int) -> Transfer {
        while true {
            let count = call()
            if count > 0 { return .bytes(count) }
            if count == 0 { return .closed }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .closed
        }
    }
}
