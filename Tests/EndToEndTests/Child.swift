import Foundation
import Glibc

/// A foreign program as a child process: started with no signal blocked and every signal at its default, whatever the
/// thread it is started from has blocked. (Foundation's `Process` hands its thread's mask on, and Dispatch's threads block
/// everything: such a child never sees SIGTERM.)
final class Child {
    /// Where an output of the child goes.
    enum Output {
        case null
        case file(String)
        case descriptor(Int32)
    }

    struct Failure: Error {
        let program: String
        let code: Int32
    }

    let identifier: pid_t
    private(set) var status: Int32?

    /// - Parameters:
    ///   - program: a path, or a name that `PATH` leads to.
    ///   - environment: added to the test's own.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: Output = .null, errors: Output = .null
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (target, destination) in [(Int32(1), output), (2, errors)] {
            switch destination {
            case .null: posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
            case .file(let path): posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var pairs: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { (words + pairs).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, program, &actions, &attributes, &words, &pairs)
        guard code == 0 else { throw Failure(program: program, code: code) }
        identifier = process
    }

    deinit { if status == nil { end(by: SIGKILL) } }

    func send(_ signal: Int32) {
        if status == nil { kill(identifier, signal) }
    }

    /// Waits for the end; the exit status, or 128 and the number of the signal that ended it.
    ///
    /// - Parameter limit: after it the child is killed.
    @discardableResult
    func wait(limit: Duration = .seconds(600)) -> Int32 {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status { return status }
            var word: Int32 = 0
            if waitpid(identifier, &word, WNOHANG) == identifier {
                let signal = word & 0x7f
                status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
            } else {
                if ContinuousClock.now > deadline { kill(identifier, SIGKILL) }
                usleep(5_000)
            }
        }
    }

    @discardableResult
    func end(by signal: Int32, limit: Duration = .seconds(60)) -> Int32 {
        send(signal)
        return wait(limit: limit)
    }
}

/// The first line that a child writes, read through a pipe.
struct FirstLine {
    private let pipe = Pipe()

    /// What the child gets as its output.
    var output: Child.Output { .descriptor(pipe.fileHandleForWriting.fileDescriptor) }

    /// Waits for the line that `isWanted`, or for the end of the output; to be called after the start.
    func read(where isWanted: (Substring) -> Bool = { _ in true }) throws -> String? {
        try pipe.fileHandleForWriting.close()
        var text = ""
        while true {
            let data = pipe.fileHandleForReading.availableData
            text += String(decoding: data, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if let line = lines.dropLast().first(where: isWanted) { return String(line) }
            if data.isEmpty { return nil }
        }
    }
}
