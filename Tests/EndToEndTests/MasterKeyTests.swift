import Foundation
import Testing

/// A database whose secrets were sealed under one master key, and servers that come with it or with another.
@Suite(.serialized) struct MasterKeyTests {
    /// The one that `RunningServer` has.
    private static let right = Data(repeating: 7, count: 32).base64EncodedString()
    private static let wrong = Data(repeating: 8, count: 32).base64EncodedString()

    @Test("only the key that sealed the secrets starts a server, whatever its role", .timeLimit(.minutes(5)))
    func start() throws {
        let folder = try Folder()
        // Without workers nothing but the start itself makes a secret.
        let server = try RunningServer(environment: [:], role: "api")
        for role in ["all", "api", "worker"] {
            let text = try refusal(by: server, folder.path + "/" + role, role: role, flags: ["--master-key", Self.wrong])
            #expect(text.contains("--master-key (REMASTER_MASTER_KEY) is not the one that sealed the secrets"), "\(text)")
            #expect(text.contains("the newest webhook signing key") && text.contains("Nothing is lost"), "\(text)")
        }
        let fresh = folder.path + "/fresh"
        let text = try refusal(by: server, fresh, role: "api", flags: [])
        #expect(text.contains("The master key in \(fresh)/master.key is not the one"), "\(text)")

        let line = FirstLine()
        let same = try serve(
            beside: server, folder.path + "/same", role: "api", flags: ["--master-key", Self.right], output: line.output)
        #expect(try line.read()?.hasPrefix("Remaster is ready at http://") == true)
        #expect(same.end(by: SIGTERM) == 0)
        #expect(server.stop() == 0)
    }

    @Test("before there is a signing key, stored locations tell", .timeLimit(.minutes(3)))
    func locations() throws {
        let folder = try Folder()
        let server = try RunningServer(environment: [:], role: "api")
        let statements = """
            DELETE FROM webhook_signing_keys;
            INSERT INTO s3_locations (id, team_id, direction, name, bucket, sealed_credentials)
            SELECT gen_random_uuid(), id, 'output', 'masters', 'masters', decode('0102', 'hex') FROM teams LIMIT 1
            """
        try Program.check(
            "psql", ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", database(of: server), "--command", statements])
        let text = try refusal(by: server, folder.path + "/second", role: "api", flags: ["--master-key", Self.wrong])
        #expect(text.contains("does not open the keys of a stored S3 location"), "\(text)")
        #expect(server.stop() == 0)
    }

    private func database(of server: RunningServer) -> String { "host=\(server.dataDirectory)/socket user=remaster dbname=remaster" }

    /// Another server on the database of one that runs, as on another machine; its environment has no key.
    private func serve(
        beside server: RunningServer, _ dataDirectory: String, role: String, flags: [String], output: Child.Output = .null
    ) throws -> Child {
        try Child(
            Program.remaster,
            [
                "serve", "--role", role, "--port", "0", "--host", "127.0.0.1", "--data-directory", dataDirectory, "--database-url",
                database(of: server),
            ] + flags, environment: ["REMASTER_MASTER_KEY": ""], output: output, errors: .file(dataDirectory + ".log"))
    }

    /// What such a server says that must not start.
    private func refusal(by server: RunningServer, _ dataDirectory: String, role: String, flags: [String]) throws -> String {
        let status = try serve(beside: server, dataDirectory, role: role, flags: flags).wait(limit: .seconds(60))
        #expect(status == 1, "\(role) ended with \(status)")
        return try String(contentsOfFile: dataDirectory + ".log", encoding: .utf8)
    }
}
