/// Writes response heads and chunk framing (RFC 9112).
enum ResponseEncoder {
    /// How the end of a response's content is found.
    enum Framing: Equatable {
        /// 204, 304: no content and no length.
        case none
        case length(Int)
        case chunked
        /// To HTTP/1.0, without a known length.
        case untilClose
    }

    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)

    static func framing(_ response: HTTPResponse, minorVersion: Int) -> Framing {
        if response.status.code == 204 || response.status.code == 304 { return .none }
        if let length = response.body.length { return .length(length) }
        return minorVersion == 0 ? .untilClose : .chunked
    }

    /// Appends the head. Framing, `Connection` and `Date` are the server's: a handler's own are left out.
    ///
    /// - Parameter date: `Date: …` line with its CR LF.
    static func appendHead(
        of response: HTTPResponse, framing: Framing, minorVersion: Int, keepsAlive: Bool, date: [UInt8], to output: inout [UInt8]
    ) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        append(response.status.code, to: &output)
        output.append(0x20)
        output.append(contentsOf: response.status.reasonPhrase.utf8)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: date)
        for field in response.headers where !isOwn(field.name) {
            output.append(contentsOf: field.name.description.utf8)
            output.append(contentsOf: ": ".utf8)
            output.append(contentsOf: field.value.utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            output.append(contentsOf: "Content-Length: ".utf8)
            append(length, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        case .chunked: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        if !keepsAlive {
            output.append(contentsOf: "Connection: close\r\n".utf8)
        } else if minorVersion == 0 {
            output.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: String(bytes.count, radix: 16).utf8)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: bytes)
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ number: Int, to output: inout [UInt8]) {
        if number < 10 { return output.append(0x30 + UInt8(truncatingIfNeeded: number)) }
        output.append(contentsOf: String(number).utf8)
    }

    private static func isOwn(_ name: HeaderName) -> Bool {
        switch name.description.utf8.count {
        case 4: name == .date
        case 10: name == .connection || name == "Keep-Alive"
        case 14: name == .contentLength
        case 17: name == .transferEncoding
        default: false
        }
    }
}
