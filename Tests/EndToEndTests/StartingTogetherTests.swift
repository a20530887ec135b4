import Foundation
import Testing

/// A server and a command that are started at the same moment on one new data directory, as by a script.
@Suite(.serialized) struct StartingTogetherTests {
    @Test(
        "an account is made beside a server that is just starting, whichever of the two came first", .timeLimit(.minutes(3)),
        arguments: [true, false])
    func together(serverFirst: Bool) throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let data = ["--data-directory", folder.path + "/data"]
        let (line, log) = (FirstLine(), folder.path + "/log")
        func makeServer() throws -> Child {
            try Child(
                Program.remaster, ["serve", "--role", "api", "--port", "0", "--host", "127.0.0.1"] + data, output: line.output,
                errors: .file(log))
        }
        func makeCommand() throws -> Child {
            let account = ["--email", "first@example.com", "--password", "correct horse battery", "--team", "First"]
            return try Child(Program.remaster, ["account", "create"] + account + data, errors: .file(log))
        }
        let early = try serverFirst ? makeServer() : makeCommand()
        let late = try serverFirst ? makeCommand() : makeServer()
        let (server, command) = serverFirst ? (early, late) : (late, early)
        let status = command.wait(limit: .seconds(120))
        let ready = try line.read { $0.hasPrefix("Remaster is ready at http://") }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(status == 0, "\(text)")
        #expect(ready != nil, "\(text)")
        #expect(server.end(by: SIGTERM) == 0)
    }
}
