/// Puts a request head together line by line and decides how its content is framed.
struct RequestHeadBuilder {
    /// Room for the longest method (32), an absolute form's scheme and authority, the version and two spaces.
    static let requestLineOverhead = 32 + 8 + 2

    private var method = HTTPMethod.get
    private var target = RequestTarget.root
    private var authority: String?
    private var minorVersion = 1
    private var fields = HeaderFields()
    /// Bytes of field lines so far, their ends included.
    private(set) var fieldBytes = 0
    private var isInTrailers = false

    // What decides framing, noted while the fields pass.
    private var host: String?
    private var contentLength: Int?
    private var isChunked = false
    private var transferFault: RequestFault?
    private var expectsContinue = false
    private var hasUnknownExpectation = false
    private var asksClose = false
    private var asksKeepAlive = false

    // MARK: Request line

    mutating func readRequestLine(_ line: UnsafeBufferPointer<UInt8>, targetLimit: Int) throws(RequestFault) {
        guard let methodEnd = line.firstIndex(of: 0x20), methodEnd > 0, methodEnd <= 32,
            line[..<methodEnd].allSatisfy(ByteClass.isTokenByte)
        else { throw .requestLine }
        guard let targetEnd = line[(methodEnd + 1)...].firstIndex(of: 0x20), targetEnd > methodEnd + 1 else { throw .requestLine }
        guard targetEnd - methodEnd - 1 <= targetLimit else { throw .targetTooLong }
        minorVersion = try Self.version(line[(targetEnd + 1)...])
        method = Self.method(UnsafeBufferPointer(rebasing: line[..<methodEnd]))
        guard method != .connect else { throw .unsupportedMethod }
        try readTarget(String(decoding: line[(methodEnd + 1)..<targetEnd], as: UTF8.self))
    }

    private static func version(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(RequestFault) -> Int {
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8) else { throw .requestLine }
        let (major, dot, minor) = (bytes[bytes.startIndex + 5], bytes[bytes.startIndex + 6], bytes[bytes.startIndex + 7])
        guard dot == UInt8(ascii: "."), 0x30...0x39 ~= major, 0x30...0x39 ~= minor else { throw .requestLine }
        guard major == 0x31 else { throw .unsupportedVersion }
        // A higher minor version is served as 1.1 (RFC 9110 §2.5).
        return minor == 0x30 ? 0 : 1
    }

    private static func method(_ bytes: UnsafeBufferPointer<UInt8>) -> HTTPMethod {
        switch bytes.count {
        case 3 where bytes.elementsEqual("GET".utf8): .get
        case 4 where bytes.elementsEqual("POST".utf8): .post
        default: HTTPMethod(known: String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Origin form, `*` for OPTIONS, or absolute form, whose authority then takes the place of Host (RFC 9112 §3.2.2).
    private mutating func readTarget(_ text: String) throws(RequestFault) {
        var text = text
        if text.utf8.first != UInt8(ascii: "/"), text != "*" {
            let lower = text.prefix(8).lowercased()
            let scheme = lower.hasPrefix("http://") ? 7 : lower.hasPrefix("https://") ? 8 : 0
            guard scheme > 0 else { throw .target }
            let rest = text.utf8.dropFirst(scheme)
            let end = rest.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) ?? rest.endIndex
            let host = String(decoding: rest[..<end], as: UTF8.self)
            guard Self.isHost(host) else { throw .target }
            authority = host
            let path = String(decoding: rest[end...], as: UTF8.self)
            text = path.hasPrefix("/") ? path : "/" + path
        }
        if text == "*" && method != .options { throw .target }
        guard let parsed = RequestTarget(text) else { throw .target }
        target = parsed
    }

    /// For a request whose fields are refused.
    var refused: RefusedHead { RefusedHead(method: method, target: target) }

    // MARK: Fields

    mutating func readField(_ line: UnsafeBufferPointer<UInt8>, limits: RequestLimits) throws(RequestFault) {
        fieldBytes += line.count + 2
        guard fields.count < limits.headerFields else { throw .headersTooLarge }
        guard line[0] != 0x20, line[0] != 0x09 else { throw .obsoleteFolding }
        // CR LF ended the line, so any CR left inside is a bare one.
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(ByteClass.isTokenByte) else {
            throw line.contains(0x0D) ? .lineEnding : .fieldName
        }
        var (from, end) = (colon + 1, line.count)
        while from < end, line[from] == 0x20 || line[from] == 0x09 { from += 1 }
        while end > from, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        let bytes = UnsafeBufferPointer(rebasing: line[from..<end])
        var isASCII = true
        for byte in bytes {
            guard ByteClass.isFieldByte(byte) else { throw byte == 0x0D ? .lineEnding : .fieldValue }
            if byte >= 0x80 { isASCII = false }
        }
        let name = HeaderName(checked: String(decoding: line[..<colon], as: UTF8.self))
        let value = isASCII ? String(decoding: bytes, as: UTF8.self) : Self.text(bytes)
        if isInTrailers {
            guard !Self.isFraming(name) else { throw .trailer }
        } else {
            try note(name, value)
        }
        fields.append(checked: name, value)
    }

    /// obs-text is UTF-8 where it can be, else ISO 8859-1, so that no byte is lost.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private mutating func note(_ name: HeaderName, _ value: String) throws(RequestFault) {
        switch name.description.utf8.count {
        case 4 where name == .host:
            guard host == nil, Self.isHost(value) else { throw .host }
            host = value
        case 6 where name == .expect:
            if value.lowercased() == "100-continue" { expectsContinue = true } else { hasUnknownExpectation = true }
        case 10 where name == .connection:
            for option in value.split(separator: ",") {
                let option = ByteClass.trimmed(option).lowercased()
                if option == "close" { asksClose = true }
                if option == "keep-alive" { asksKeepAlive = true }
            }
        case 14 where name == .contentLength:
            guard contentLength == nil, !value.isEmpty, value.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { throw .contentLength }
            let digits = value.utf8.drop(while: { $0 == 0x30 })
            guard digits.count <= 18 else { throw .contentTooLarge }
            contentLength = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        case 17 where name == .transferEncoding:
            guard !isChunked, transferFault == nil else { throw .transferCoding }
            if value.lowercased() == "chunked" { isChunked = true } else { transferFault = .transferCoding }
        default: break
        }
    }

    private static func isFraming(_ name: HeaderName) -> Bool {
        name == .contentLength || name == .transferEncoding || name == .host || name == .trailer || name == .connection
    }

    /// `uri-host [ ":" port ]`, not empty; brackets only around an IPv6 address.
    private static func isHost(_ text: String) -> Bool {
        var rest = Substring(text).utf8
        guard !rest.isEmpty, rest.allSatisfy(ByteClass.isHostByte) else { return false }
        if rest.first == UInt8(ascii: "[") {
            guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            guard IPAddress(String(Substring(rest[rest.index(after: rest.startIndex)..<close]))) != nil else { return false }
            rest = rest[rest.index(after: close)...]
            guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { return false }
        } else {
            guard let first = rest.first, first != UInt8(ascii: ":") else { return false }
            rest = rest.firstIndex(of: UInt8(ascii: ":")).map { rest[$0...] } ?? rest[rest.endIndex...]
            guard !text.utf8.contains(UInt8(ascii: "[")), !text.utf8.contains(UInt8(ascii: "]")) else { return false }
        }
        let port = rest.dropFirst()
        return port.count <= 5 && port.allSatisfy { 0x30...0x39 ~= $0 }
    }

    // MARK: Ends

    mutating func finish() throws(RequestFault) -> RequestHead {
        if minorVersion == 1 && host == nil { throw .host }
        let framing = try framing()
        if hasUnknownExpectation { throw .expectation }
        if let authority { fields[.host] = authority }
        let keepsAlive = !asksClose && (minorVersion == 1 || asksKeepAlive)
        return RequestHead(
            method: method, target: target, minorVersion: minorVersion, headers: fields, framing: framing,
            // An HTTP/1.0 expectation is ignored (RFC 9110 §10.1.1).
            expectsContinue: expectsContinue && minorVersion == 1, keepsAlive: keepsAlive)
    }

    private func framing() throws(RequestFault) -> BodyFraming {
        if isChunked || transferFault != nil {
            if contentLength != nil { throw .conflictingFraming }
            if minorVersion == 0 { throw .transferCodingInHTTP10 }
            if let transferFault { throw transferFault }
            return .chunked
        }
        guard let contentLength, contentLength > 0 else { return .none }
        return .length(contentLength)
    }

    mutating func beginTrailers() {
        fields = HeaderFields()
        fieldBytes = 0
        isInTrailers = true
    }

    func finishTrailers() -> HeaderFields { fields }
}
