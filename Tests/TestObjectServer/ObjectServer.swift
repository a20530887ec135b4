import Foundation
import Synchronization

/// The one real S3 server of a test process, SeaweedFS: started when first asked for, ended with the process. It checks
/// signatures.
package final class ObjectServer: Sendable {
    /// `http://127.0.0.1:PORT`, for paths that begin with a bucket.
    package let endpoint: String
    /// May do everything.
    package let owner = (accessKey: "OWNERACCESSKEY0001", secretAccessKey: "owner-secret-of-the-tests")
    /// May read and list.
    package let reader = (accessKey: "READERACCESSKEY001", secretAccessKey: "reader-secret-of-the-tests")
    /// May write, and read nothing.
    package let writer = (accessKey: "WRITERACCESSKEY001", secretAccessKey: "writer-secret-of-the-tests")

    private let filer: Int

    /// Why there is no server.
    package struct Unavailable: Error { package let reason: String }

    private static let started = Task { try await ObjectServer() }

    package static func running() async throws -> ObjectServer { try await started.value }

    private init() async throws {
        let program = try Self.program()
        let ports = try LocalPort.free(8)
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("remaster-object-server-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        endpoint = "http://127.0.0.1:\(ports[0])"
        filer = ports[1]
        let identities = [
            Self.identity("owner", owner, ["Admin", "Read", "Write", "List"]), Self.identity("reader", reader, ["Read", "List"]),
            Self.identity("writer", writer, ["Write"]),
        ]
        try "{\"identities\":[\(identities.joined(separator: ","))]}".write(
            toFile: directory + "/identities.json", atomically: true, encoding: .utf8)
        let names = [
            "s3.port", "filer.port", "master.port", "volume.port", "s3.port.grpc", "filer.port.grpc", "master.port.grpc",
            "volume.port.grpc",
        ]
        let arguments =
            [
                "server", "-dir=\(directory)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-s3.config=\(directory)/identities.json",
                "-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-volume.max=1000",
                "-master.volumeSizeLimitMB=64",
            ] + zip(names, ports).map { "-\($0)=\($1)" }
        let output = try await OwnedProcess.start(program, arguments, log: directory + "/log", removingAtEnd: directory)
        for _ in 0..<600 {
            if LocalPort.answers(ports[0]), LocalPort.answers(filer) { return }
            guard output.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let log = FileManager.default.contents(atPath: directory + "/log").map { String(decoding: $0.suffix(1000), as: UTF8.self) }
        throw Unavailable(reason: "SeaweedFS does not answer: \(log ?? "it says nothing")")
    }

    /// Makes a bucket of a name that no other test uses, and returns it.
    package func makeBucket(_ purpose: String = "test") async throws -> String {
        let name = "\(purpose)-\(UUID().uuidString.prefix(13).lowercased())"
        // Buckets are folders of the filer; the first request may come before it has found its peers.
        for _ in 0..<100 {
            if LocalPort.post(filer, "/buckets/\(name)/") == 201 { return name }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Unavailable(reason: "the bucket \(name) cannot be made")
    }

    private static func identity(_ name: String, _ keys: (accessKey: String, secretAccessKey: String), _ actions: [String]) -> String {
        """
        {"name":"\(name)","credentials":[{"accessKey":"\(keys.accessKey)","secretKey":"\(keys.secretAccessKey)"}],\
        "actions":[\(actions.map { "\"\($0)\"" }.joined(separator: ","))]}
        """
    }

    /// The server's program, fetched when it is not there.
    private static func program() throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Scripts/support/object_server").standardizedFileURL
        process.standardOutput = pipe
        try process.run()
        let path = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unavailable(reason: "Scripts/support/object_server failed") }
        return path.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
