import Foundation
import Testing

/// A server that may open few files, as on a system whose limit nobody raised.
@Suite(.serialized) struct DescriptorLimitTests {
    /// Holds as many connections as are allowed and asks on each twice, between that on one more; prints the statuses.
    private static let clients = """
        import http.client, sys
        port, count = int(sys.argv[1]), int(sys.argv[2])
        def connect():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.connect()
            return connection
        def ask(connection):
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            answer.read()
            return answer.status
        held = [connect() for _ in range(count)]
        print(*{ask(connection) for connection in held})
        print(ask(connect()))
        print(*{ask(connection) for connection in held})
        """

    @Test(
        "the soft limit is raised, and as many connections are served as are said to be; one more is answered 503",
        .timeLimit(.minutes(2)))
    func few() throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let (line, log) = (FirstLine(), folder.path + "/log")
        let server = try Child(
            "sh",
            [
                "-c", #"ulimit -S -n 256 && ulimit -H -n 700 && exec "$0" "$@""#, Program.remaster, "serve", "--role", "api",
                "--port", "0", "--host", "127.0.0.1", "--data-directory", folder.path + "/data",
            ], output: line.output, errors: .file(log))
        let ready = try line.read { $0.hasPrefix("Remaster is ready at http://") }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        let port = try #require(ready?.split(separator: ":").last, "\(text)")
        // (700 - 512) / 2: see docs/OPERATIONS.md.
        #expect(text.contains("descriptors=700") && text.contains("connections=94"), "\(text)")
        let statuses = try Program.check("python3", ["-c", Self.clients, String(port), "94"])
        #expect(statuses == "200\n503\n200\n")
        #expect(server.end(by: SIGTERM) == 0)
    }
}
