import Foundation

/// A program that cannot outlive this process, however that ends: a shell kills it when the pipe from here closes.
final class OwnedProcess: Sendable {
    private let shell: Process

    private init(_ shell: Process) { self.shell = shell }

    var isRunning: Bool { shell.isRunning }

    /// - Parameter directory: removed when the program has ended.
    static func start(_ program: String, _ arguments: [String], log: String, removingAtEnd directory: String) async throws -> OwnedProcess {
        let script = """
            log=$1 directory=$2; shift 2
            "$@" >"$log" 2>&1 </dev/null & child=$!
            while read -r line; do :; done
            kill -9 "$child"; wait "$child" 2>/dev/null; rm -rf "$directory"
            """
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", script, "owned", log, directory, program] + arguments
        let leash = Pipe()
        shell.standardInput = leash
        // A runner that waits for the end of our output must not wait for the program.
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        leashes.append(leash)
        return OwnedProcess(shell)
    }

    /// Held open until the process ends.
    private static let leashes = Leashes()

    /// Unchecked: every use takes the lock.
    private final class Leashes: @unchecked Sendable {
        private let lock = NSLock()
        private var pipes: [Pipe] = []
        func append(_ pipe: Pipe) { lock.withLock { pipes.append(pipe) } }
    }
}
