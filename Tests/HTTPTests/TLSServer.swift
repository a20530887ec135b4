import Foundation
import Glibc
import Lanes

/// A small HTTPS server with a throwaway certificate authority: a foreign implementation to check ours against.
final class TLSServer: Sendable {
    let port: Int
    /// PEM file of the authority.
    let authority: String
    private let directory: ScratchDirectory
    private let process: ProcessBox

    /// Unchecked: started and ended by its owner alone.
    private final class ProcessBox: @unchecked Sendable {
        let process = Process()
        let input = Pipe()
    }

    struct Failure: Error { let text: String }

    /// - Parameter names: subject alternative names of the certificate, as OpenSSL writes them.
    static func start(names: String = "IP:127.0.0.1,DNS:localhost") async throws -> TLSServer {
        try await SerialLane(label: "tls-server").run { try TLSServer(names: names) }
    }

    private init(names: String) throws {
        directory = try ScratchDirectory()
        authority = directory.path + "/ca.pem"
        let names = try directory.write(Array("subjectAltName=\(names)\n".utf8), to: "names")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let path = directory.path
        try Self.openssl(
            ["req", "-x509"] + key + ["-days", "1", "-subj", "/CN=Throwaway", "-keyout", "\(path)/ca.key", "-out", authority])
        try Self.openssl(["req"] + key + ["-subj", "/CN=server", "-keyout", "\(path)/key.pem", "-out", "\(path)/request.pem"])
        try Self.openssl([
            "x509", "-req", "-days", "1", "-in", "\(path)/request.pem", "-CA", authority, "-CAkey", "\(path)/ca.key", "-CAcreateserial",
            "-extfile", names, "-out", "\(path)/cert.pem",
        ])
        let script = try directory.write(Array(Self.script.utf8), to: "server.py")
        process = ProcessBox()
        let output = Pipe()
        // Open for as long as this process lives: the server ends with it, however that comes about.
        let input = process.input
        process.process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.process.arguments = ["python3", script, "\(path)/cert.pem", "\(path)/key.pem"]
        process.process.standardInput = input
        process.process.standardOutput = output
        process.process.standardError = FileHandle.nullDevice
        try process.process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw Failure(text: line) }
        self.port = port
    }

    // Not by SIGTERM: a process that was started from a Dispatch thread inherits its signal mask, which blocks that one.
    deinit { kill(process.process.processIdentifier, SIGKILL) }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: "openssl \(arguments)") }
    }

    /// Answers every path with 100,000 bytes, in ranges where asked.
    private static let script = """
        import http.server, os, ssl, sys, threading
        BODY = bytes((i * 7 + (i >> 8)) & 255 for i in range(100000))
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                first, last, status = 0, len(BODY) - 1, 200
                field = self.headers.get("Range")
                if field:
                    a, b = field[6:].split("-")
                    first, last, status = int(a), min(int(b), last), 206
                self.send_response(status)
                self.send_header("ETag", '"one"')
                self.send_header("Content-Length", str(last - first + 1))
                if status == 206:
                    self.send_header("Content-Range", "bytes %d-%d/%d" % (first, last, len(BODY)))
                self.end_headers()
                self.wfile.write(BODY[first:last + 1])
            def log_message(self, *_):
                pass
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """
}
