import Foundation
import Testing

/// An HTTPS origin on loopback with a throwaway certificate authority.
final class Origin {
    let folder: Folder
    private let process = Process()
    private let port: String

    init() throws {
        folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path + "/files", withIntermediateDirectories: true)
        try Program.check(Program.root + "/Scripts/support/throwaway_ca", [folder.path + "/tls"])
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", Program.root + "/Scripts/support/https_origin.py", folder.path + "/files", folder.path + "/tls/server.pem",
            folder.path + "/tls/server.key",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = line.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(Int(port) != nil, "the origin did not start: \(line)")
    }

    deinit { process.endNow() }

    func path(_ name: String) -> String { folder.path + "/files/" + name }
    func url(_ name: String) -> String { "https://127.0.0.1:\(port)/\(name)" }

    /// What a server needs to reach this origin.
    var environment: [String: String] {
        ["REMASTER_CA_BUNDLE": folder.path + "/tls/ca.pem", "REMASTER_ALLOW_PRIVATE_NETWORKS": "1"]
    }
}
