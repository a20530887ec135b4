import Glibc
import Lanes

/// A TCP client that says exactly what it is told, on a lane of its own because its calls block.
final class RawClient: Sendable {
    private let lane = SerialLane(label: "raw-client")
    private let descriptor: Int32

    struct Failure: Error { let call: String, code: Int32 }

    init(port: Int, host: String = "127.0.0.1") throws {
        let isIPv6 = host.contains(":")
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        // A safety net only: no test waits for it.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var result: Int32
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends the text; false when the peer has closed.
    @discardableResult
    func send(_ text: String) async throws -> Bool { try await send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        let descriptor = descriptor
        return try await lane.run {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    func endInput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes with a reset, as a process that is killed does.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Everything up to the end of the connection.
    func readToEnd() async throws -> String { String(decoding: try await readBytes { _ in false }, as: UTF8.self) }

    /// Everything up to and including the first occurrence of the text, or the end.
    func read(until text: String) async throws -> String {
        let wanted = Array(text.utf8)
        let bytes = try await readBytes { bytes in bytes.count >= wanted.count && bytes.suffix(wanted.count) == wanted[...] }
        return String(decoding: bytes, as: UTF8.self)
    }

    func read(count: Int) async throws -> [UInt8] { try await readBytes { $0.count >= count } }

    /// Byte by byte where an end is looked for, so that nothing beyond it is taken.
    private func readBytes(until isEnough: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        let descriptor = descriptor
        return try await lane.run {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while !isEnough(bytes) {
                let count = recv(descriptor, &byte, 1, 0)
                if count < 0 && errno == EAGAIN { throw Failure(call: "recv timed out after \(bytes.count) bytes", code: errno) }
                guard count > 0 else { break }
                bytes.append(byte)
            }
            return bytes
        }
    }
}
