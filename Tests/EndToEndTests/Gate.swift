import Foundation
import Testing

/// A way to a server on loopback that stays shut once clients have sent so many bytes through it, until it is opened:
/// a transfer can be looked at in its middle for as long as that takes.
final class Gate {
    /// `http://127.0.0.1:PORT`.
    let endpoint: String
    private let process: Child

    /// - Parameters:
    ///   - endpoint: where it leads, `http://127.0.0.1:PORT`.
    ///   - limit: bytes that pass, of all connections.
    init(to endpoint: String, closingAfter limit: Int) throws {
        let target = try #require(URL(string: endpoint)?.port)
        let line = FirstLine()
        process = try Child(
            "python3", [Program.root + "/Scripts/support/gate.py", "\(target)", "\(limit)"], output: line.output)
        let port = try line.read() ?? ""
        try #require(Int(port) != nil, "the gate did not start: \(port)")
        self.endpoint = "http://127.0.0.1:\(port)"
    }

    deinit { process.end(by: SIGKILL) }

    /// Lets everything through from now on.
    func open() { process.send(SIGUSR1) }
}
