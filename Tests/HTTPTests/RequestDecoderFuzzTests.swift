import HTTP
import Testing

/// SplitMix64: small, seeded, the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct RequestDecoderFuzzTests {
    static let seeds: [[UInt8]] = [
        "GET /v1/videos/4f3b/in/status?pageSize=10&x=%20 HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\n\r\n",
        "POST /v1/p HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world",
        "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\nPOST /y HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabDELETE /z HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD http://h:80/q HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
    ].map { Array($0.utf8) }

    static let fragments: [[UInt8]] = [
        "\r\n", "\n", "\r", " ", "\t", ":", "0", "\r\n\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "%", "\u{0}",
        "HTTP/1.1", "ffffffffffffffff", ";", ",", "Host: x\r\n", "../", "0\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    ].map { Array($0.utf8) }

    static var limits: RequestLimits {
        var limits = RequestLimits()
        (limits.targetBytes, limits.headerBytes, limits.headerFields, limits.bodyBytes) = (64, 160, 6, 24)
        (limits.chunkLineBytes, limits.chunkExtensionBytes) = (16, 20)
        return limits
    }

    static func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2 where place < bytes.count: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: fragments[Int.random(in: 0..<fragments.count, using: &random)], at: place)
            case 4 where place < bytes.count:
                let end = Int.random(in: place...bytes.count, using: &random)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 5: bytes.removeSubrange(place...)
            default: bytes.append(contentsOf: seeds[Int.random(in: 0..<seeds.count, using: &random)])
            }
        }
        return bytes
    }

    @Test("120,000 mutated requests: no cut changes their meaning, and what is accepted is framed within its limits", arguments: 0..<4)
    func cutsDoNotMatter(part: Int) {
        var random = SeededGenerator(state: 0x5EED + UInt64(part))
        let limits = Self.limits
        var (accepted, refused) = (0, 0)
        for _ in 0..<30_000 {
            let input = Self.mutated(&random)
            let whole = events(of: input, limits: limits)
            let cuts = (0..<Int.random(in: 1...8, using: &random)).map { _ in Int.random(in: 1...12, using: &random) }
            let sizes = Bool.random(using: &random) ? cuts : [Int](repeating: 1, count: input.count)
            let pieces = events(of: input, cutInto: sizes, limits: limits)
            if whole != pieces {
                Issue.record("cut \(sizes.prefix(8)) of \(String(decoding: input, as: UTF8.self).debugDescription): \(whole) != \(pieces)")
                return
            }
            if whole.fault == nil { accepted += 1 } else { refused += 1 }
            for head in whole.heads {
                let fields = head.headers
                #expect(fields.values(.contentLength).isEmpty || fields[.transferEncoding] == nil)
                #expect(fields.values(.host).count <= 1)
                #expect(fields.allSatisfy { !$0.value.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 } })
            }
        }
        // The mutations must exercise both sides.
        #expect(accepted > 1000 && refused > 1000)
    }
}
