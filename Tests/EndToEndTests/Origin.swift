import Foundation
import Testing

/// An HTTPS origin on loopback with a throwaway certificate authority.
final class Origin {
    let folder: Folder
    private let process: Child
    private let port: String

    init() throws {
        folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/files", withIntermediateDirectories: true)
        try Program.check(Program.root + "/Scripts/support/throwaway_ca", [folder.path + "/tls"])
        let line = FirstLine()
        process = try Child(
            "python3",
            [
                Program.root + "/Scripts/support/https_origin.py", folder.path + "/files", folder.path + "/tls/server.pem",
                folder.path + "/tls/server.key",
            ], output: line.output)
        port = try line.read() ?? ""
        try #require(Int(port) != nil, "the origin did not start: \(port)")
    }

    deinit { process.end(by: SIGTERM) }

    func path(_ name: String) -> String { folder.path + "/files/" + name }
    func url(_ name: String) -> String { "https://127.0.0.1:\(port)/\(name)" }

    /// What a server needs to reach this origin.
    var environment: [String: String] {
        ["REMASTER_CA_BUNDLE": folder.path + "/tls/ca.pem", "REMASTER_ALLOW_PRIVATE_NETWORKS": "1"]
    }
}
