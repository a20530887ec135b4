import HTTP
import Testing

@Suite struct FileRepresentationTests {
    static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    static func withFile(_ body: (RawClient) async throws -> Void) async throws {
        let directory = try ScratchDirectory()
        let path = try directory.write(content, to: "clip.bin")
        var routes = RouteTable()
        try routes.add(.get, "/file") { request in
            FileRepresentation(
                file: try OpenFile(path: path), contentType: "video/quicktime", entityTag: "tag", headers: [.cacheControl: "no-store"]
            ).response(to: request)
        }
        try await withServer(routes) { server in try await body(RawClient(port: server.port)) }
    }

    static func get(_ client: RawClient, _ fields: String, method: String = "GET") async throws -> (head: String, body: [UInt8]) {
        try await client.send("\(method) /file HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
        let head = try await client.read(until: "\r\n\r\n")
        let length = head.components("Content-Length: ").dropFirst().first.flatMap { Int($0.components("\r\n")[0]) } ?? 0
        return (head, method == "HEAD" ? [] : try await client.read(count: length))
    }

    @Test("the whole file, its head, and parts of it")
    func wholeAndParts() async throws {
        try await Self.withFile { client in
            let whole = try await Self.get(client, "")
            #expect(whole.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(whole.head.contains("ETag: \"tag\"\r\n") && whole.head.contains("Accept-Ranges: bytes\r\n"))
            #expect(whole.head.contains("Cache-Control: no-store\r\n"))
            #expect(whole.body == Self.content)
            let head = try await Self.get(client, "Range: bytes=0-0\r\n", method: "HEAD")
            #expect(head.head.hasPrefix("HTTP/1.1 200") && head.head.contains("Content-Length: 200000\r\n"))
            for (range, expected, first) in [
                ("bytes=10-19", 10..<20, "10-19"), ("bytes=199990-", 199_990..<200_000, "199990-199999"),
                ("bytes=-5", 199_995..<200_000, "199995-199999"), ("bytes=199999-99999999", 199_999..<200_000, "199999-199999"),
                ("Bytes=0-0", 0..<1, "0-0"),
            ] {
                let part = try await Self.get(client, "Range: \(range)\r\n")
                #expect(part.head.hasPrefix("HTTP/1.1 206 Partial Content\r\n"))
                #expect(part.head.contains("Content-Range: bytes \(first)/200000\r\n"))
                #expect(part.body == Array(Self.content[expected]))
            }
        }
    }

    @Test("several ranges come as multipart/byteranges")
    func multipart() async throws {
        try await Self.withFile { client in
            let answer = try await Self.get(client, "Range: bytes=0-1, 100-102\r\n")
            #expect(answer.head.hasPrefix("HTTP/1.1 206"))
            let boundary = try #require(answer.head.components("boundary=").last?.components("\r\n").first)
            var expected = Array(
                "--\(boundary)\r\nContent-Type: video/quicktime\r\nContent-Range: bytes 0-1/200000\r\n\r\n".utf8)
            expected += Self.content[0..<2]
            expected += Array("\r\n--\(boundary)\r\nContent-Type: video/quicktime\r\nContent-Range: bytes 100-102/200000\r\n\r\n".utf8)
            expected += Self.content[100..<103]
            expected += Array("\r\n--\(boundary)--\r\n".utf8)
            #expect(answer.body == expected)
        }
    }

    @Test("conditions are kept in the order of the standard")
    func conditions() async throws {
        try await Self.withFile { client in
            let modified = try #require(try await Self.get(client, "").head.components("Last-Modified: ").last?.components("\r\n").first)
            let past = "Sun, 06 Nov 1994 08:49:37 GMT"
            for (fields, status) in [
                ("If-None-Match: \"tag\"\r\n", 304), ("If-None-Match: \"x\", W/\"tag\"\r\n", 304), ("If-None-Match: *\r\n", 304),
                ("If-None-Match: \"x\"\r\n", 200), ("If-Modified-Since: \(modified)\r\n", 304), ("If-Modified-Since: \(past)\r\n", 200),
                ("If-None-Match: \"x\"\r\nIf-Modified-Since: \(modified)\r\n", 200), ("If-Match: \"x\"\r\n", 412),
                ("If-Match: \"tag\"\r\n", 200), ("If-Match: W/\"tag\"\r\n", 412), ("If-Unmodified-Since: \(past)\r\n", 412),
                ("If-Modified-Since: nonsense\r\n", 200), ("Range: bytes=0-0\r\nIf-Range: \"tag\"\r\n", 206),
                ("Range: bytes=0-0\r\nIf-Range: \"old\"\r\n", 200), ("Range: bytes=0-0\r\nIf-Range: \(modified)\r\n", 206),
                ("Range: bytes=0-0\r\nIf-Range: \(past)\r\n", 200), ("Range: bytes=0-0\r\nIf-None-Match: \"tag\"\r\n", 304),
                ("Range: bytes=200000-\r\n", 416), ("Range: bytes=-0\r\n", 416), ("Range: bytes=5-4\r\n", 200),
                ("Range: lines=0-1\r\n", 200), ("Range: bytes=a-b\r\n", 200), ("Range: bytes=0-5,3-9\r\n", 200),
            ] {
                let answer = try await Self.get(client, fields)
                #expect(answer.head.hasPrefix("HTTP/1.1 \(status) "), "\(fields)")
                #expect(answer.head.contains("ETag: \"tag\"\r\n"))
                if status == 416 { #expect(answer.head.contains("Content-Range: bytes */200000\r\n")) }
            }
        }
    }

    @Test("a file that is no regular file is not opened", arguments: ["/", "/dev/null", "/nonexistent"])
    func otherFiles(path: String) {
        #expect(throws: FileError.self) { try OpenFile(path: path) }
    }
}
