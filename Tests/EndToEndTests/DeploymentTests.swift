import Foundation
import Testing

/// The files that put the server into containers, as far as they can be tried without any.
@Suite struct DeploymentTests {
    @Test("the command in the Compose file's head makes every secret that the file asks for, once") func secrets() throws {
        let compose = try text("docker-compose.yml")
        let head = compose.split(separator: "\n").prefix { $0.hasPrefix("#") }.filter { $0.hasPrefix("#   ") }.map { $0.dropFirst(4) }
        let command = head.prefix { !$0.hasPrefix("docker compose") }.joined(separator: "\n")
        let folder = try Folder()
        let file = folder.path + "/.env"
        try Program.check("sh", ["-ec", "cd '\(folder.path)'\n\(command)"])
        let made = try String(contentsOfFile: file, encoding: .utf8)
        let values = made.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        #expect(values.allSatisfy { $0.count == 2 }, "\(made)")
        let names = Set(values.compactMap(\.first))
        for wanted in compose.matches(of: /\$\{([A-Z0-9_]+):\?/) { #expect(names.contains(String(wanted.1)), "\(wanted.1)") }
        let key = values.first { $0.first == "REMASTER_MASTER_KEY" }?.last.flatMap { Data(base64Encoded: $0) }
        #expect(key?.count == 32)
        #expect(try Program.check("stat", ["--format", "%a", file]) == "600\n")

        try Program.check("sh", ["-ec", "cd '\(folder.path)'\n\(command)"])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == made, "the volumes need the first values")
        for list in [".gitignore", ".dockerignore"] {
            #expect(try text(list).split(separator: "\n").contains { $0 == ".env" || $0 == "/.env" }, "\(list)")
        }
    }

    @Test("the Compose file has nothing that Compose before 2.23 does not read") func widelyRead() throws {
        let members = try text("docker-compose.yml").split(separator: "\n").filter { $0.first?.isLetter == true }
        #expect(members == ["services:", "volumes:"])
    }

    @Test("metrics stay inside", arguments: [("/metrics", true), ("/api/metrics", true), ("/api/v1/metrics", false), ("/healthz", false)])
    func metrics(path: String, isKept: Bool) throws {
        let configuration = try text("deploy/nginx.conf")
        let location = try #require(configuration.firstMatch(of: /location ~ (\S+) \{\s+return 404;/)?.1)
        #expect(try path.contains(Regex(String(location))) == isKept)
    }

    @Test(
        "a container's health is asked of the API, and a worker's is that it runs",
        arguments: [
            (["serve", "--port", "8080"], false), (["serve", "--role", "api", "--workers", "2"], false),
            (["serve", "--role", "worker"], true), (["serve", "--role=worker", "--workers", "1"], true),
        ])
    func health(arguments: [String], isHealthy: Bool) throws {
        let check = try #require(try text("Dockerfile").firstMatch(of: /HEALTHCHECK [^\n]*\\\n +CMD ([^\n]+)/)?.1)
        let folder = try Folder()
        let running = folder.path + "/cmdline"
        try Data((["remaster"] + arguments).joined(separator: "\0").utf8 + [0]).write(to: URL(filePath: running))
        // Nobody listens at the port: only a worker is well.
        let tried = check.replacing("/proc/1/cmdline", with: running).replacing(/http:\S+/, with: "http://127.0.0.1:1/healthz")
        let status = try Program.run("sh", ["-c", String(tried)]).status
        #expect((status == 0) == isHealthy)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: Program.root + "/" + path, encoding: .utf8) }
}
