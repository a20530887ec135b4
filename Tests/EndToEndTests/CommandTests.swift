import Foundation
import Testing

/// The commands of the program beside `serve`, as an operator types them.
@Suite(.serialized) struct CommandTests {
    @Test("process gives the same bytes each time, and a report of them", .timeLimit(.minutes(5)))
    func process() throws {
        let folder = try Folder()
        let (clip, options) = (folder.path + "/clip.mp4", folder.path + "/options.json")
        try Clip.make(at: clip, size: "160x90", seconds: 1)
        try Recipe.json(Recipe.options(width: 320, height: 180)).write(toFile: options, atomically: true, encoding: .utf8)
        var hashes: [String] = []
        for name in ["first", "second"] {
            let (output, report) = ("\(folder.path)/\(name).mov", "\(folder.path)/\(name).json")
            try Program.check(Program.remaster, ["process", clip, output, "--configuration", options, "--report", report])
            let facts = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: report))) as? [String: Any])
            #expect(facts["sha256"] as? String == (try Clip.sha256(of: output)))
            hashes.append(try Clip.sha256(of: output))
        }
        #expect(hashes[0] == hashes[1])
        let facts = try Clip.facts(of: folder.path + "/first.mov")
        #expect(facts["width"] == "320" && facts["color_transfer"] == "smpte2084" && facts["nb_read_frames"] == "25")
    }

    @Test("plan says what would be done", .timeLimit(.minutes(1)))
    func plan() throws {
        let folder = try Folder()
        let clip = folder.path + "/clip.mp4"
        try Clip.make(at: clip, size: "960x540", seconds: 1, video: ["-c:v", "libx264", "-preset", "ultrafast"])
        let text = try Program.check(
            Program.remaster, ["plan", clip, "--configuration", "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"])
        let plan = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(!plan.isEmpty && text.contains("3840"))
    }

    @Test("the size of the networks follows flag, variable, doctor's measurement, in this order", .timeLimit(.minutes(5)))
    func networkSize() throws {
        let folder = try Folder()
        let (clip, options) = (folder.path + "/clip.mp4", folder.path + "/options.json")
        try Clip.make(at: clip, size: "160x90", seconds: 1)
        try Recipe.json(Recipe.options(width: 320, height: 180)).write(toFile: options, atomically: true, encoding: .utf8)
        func isLarge(_ flags: [String] = [], _ variables: [String: String] = [:]) throws -> Bool {
            let environment = variables.merging(["XDG_CACHE_HOME": folder.path]) { first, _ in first }
            let plan = try Program.check(
                Program.remaster, ["plan", clip, "--configuration", options] + flags, environment: environment)
            let (large, small) = (plan.contains(#""dvres2_fine_tuning_x2_gpu""#), plan.contains(#""dvres2_fine_tuning_x2""#))
            try #require(large != small)
            return large
        }
        #expect(try isLarge(["--network-size", "gpu"]) && !isLarge(["--network-size", "cpu"]))
        #expect(try isLarge([], ["REMASTER_NETWORK_SIZE": "gpu"]))
        #expect(try !isLarge(["--network-size", "cpu"], ["REMASTER_NETWORK_SIZE": "gpu"]))

        let text = try Program.check(
            Program.remaster, ["doctor", "--json", "--data-directory", folder.path + "/data"], environment: ["XDG_CACHE_HOME": folder.path])
        let findings = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: String]])
        let found = try #require(findings.first { $0["name"] == "Network size" }?["found"])
        #expect(found.contains("doctor measured"))
        let record = URL(filePath: folder.path + "/remaster/network-speeds.json")
        #expect(try isLarge() == found.hasPrefix("gpu"))
        let measured = try String(contentsOf: record, encoding: .utf8)
        for (seconds, wanted) in [("0.01", true), ("2.5", false)] {
            let changed = measured.replacing(/"secondsPerMegapixel" : [0-9.e-]+/, with: "\"secondsPerMegapixel\" : \(seconds)")
            try changed.write(to: record, atomically: true, encoding: .utf8)
            #expect(try isLarge() == wanted)
        }
        try "[]".write(to: record, atomically: true, encoding: .utf8)
        let outcome = try Program.run(
            Program.remaster, ["plan", clip, "--configuration", options], environment: ["XDG_CACHE_HOME": folder.path])
        #expect(outcome.status != 0 && outcome.errors.contains("is no record of network speeds"))
    }

    @Test("doctor has a verdict on everything", .timeLimit(.minutes(1)))
    func doctor() throws {
        let folder = try Folder()
        let text = try Program.check(Program.remaster, ["doctor", "--json", "--data-directory", folder.path + "/data"])
        let findings = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(findings.allSatisfy { $0["verdict"] is String && $0["found"] is String })
        let names = findings.compactMap { $0["name"] as? String }
        for wanted in ["Vulkan device", "Encoder libx265", "PostgreSQL", "Disk", "Networks", "Network size"] {
            #expect(names.contains { $0.hasPrefix(wanted) }, "\(wanted)")
        }
    }

    @Test(
        "doctor calls a database that it cannot reach and a folder that takes no files missing, and tells no password",
        .timeLimit(.minutes(2)),
        arguments: [
            ("not a url", "not a PostgreSQL URL", "/proc/nowhere", "the account cannot write there"),
            ("postgresql://app:s3cret@127.0.0.1:1/media?sslmode=disable", "but connection to server", "/etc/passwd/media", "is no folder"),
        ])
    func doctorMisses(_ url: String, _ noDatabase: String, _ media: String, _ noFolder: String) throws {
        let folder = try Folder()
        let outcome = try Program.run(
            Program.remaster,
            ["doctor", "--json", "--data-directory", folder.path + "/data", "--database-url", url, "--storage", "file:\(media)"])
        #expect(outcome.status == 1)
        #expect(!outcome.output.contains("s3cret") && !outcome.errors.contains("s3cret"))
        let findings = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: String]])
        for (name, reason) in [("PostgreSQL", noDatabase), ("Disk", noFolder)] {
            let finding = try #require(findings.first { $0["name"] == name })
            #expect(finding["verdict"] == "missing" && finding["mend"]?.isEmpty == false)
            #expect(finding["found"]?.contains(reason) == true, "\(finding)")
        }
    }

    @Test("doctor asks a database that it is given a URL of", .timeLimit(.minutes(2)))
    func doctorConnects() throws {
        let server = try RunningServer(environment: [:], role: "api")
        let output = try Program.check(
            Program.remaster,
            [
                "doctor", "--json", "--data-directory", server.dataDirectory + "-of-doctor", "--database-url",
                "host=\(server.dataDirectory)/socket user=remaster dbname=remaster",
            ])
        let findings = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: String]])
        let finding = try #require(findings.first { $0["name"] == "PostgreSQL" })
        #expect(finding["verdict"] == "good" && finding["found"]?.contains("version 1") == true, "\(finding)")
    }

    @Test(
        "what cannot be is refused with what is allowed", .timeLimit(.minutes(1)),
        arguments: [
            (["serve", "--port", "abc"], "allowed: 0 to 65535"), (["serve", "--workers", "0"], "allowed: 1 to 64"),
            (["serve", "--storage", "tape:"], "allowed: file:DIR"), (["serve", "--allow-private-networks", "maybe"], "allowed: 0 or 1"),
            (["serve", "--network-size", "huge"], "allowed: auto, cpu or gpu"),
            (["serve", "--trusted-proxies", "10.0.0.0/8,nonsense"], "('nonsense' is neither)"),
            (["serve", "--public-url", "media.example.com"], "It does not begin with http:// or https://."),
            (["plan", "/absent.mp4", "--configuration", "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"], "cannot be read"),
            (["process", "/absent.mp4", "/x.mov", "--configuration", "nonsense"], "neither a readable file nor an id"),
        ])
    func refusals(_ arguments: [String], _ explanation: String) throws {
        let outcome = try Program.run(Program.remaster, arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(explanation), "\(outcome.errors)")
    }

    @Test("the help and docs/OPERATIONS.md list every key of the configuration file as a flag", .timeLimit(.minutes(1)))
    func settings() throws {
        let folder = try Folder()
        let file = folder.path + "/remaster.conf"
        try "colour = green\n".write(toFile: file, atomically: true, encoding: .utf8)
        let refusal = try Program.run(Program.remaster, ["serve", "--config", file]).errors
        let line = try #require(refusal.split(separator: "\n").first { $0.contains("one of the keys ") }, "\(refusal)")
        let list = try #require(line.split(separator: "one of the keys ").last)
        let keys = list.split(separator: ", ").map { String($0) }
        #expect(keys.contains("trusted-proxies") && keys.contains("database-url"))
        let help = try Program.check(Program.remaster, ["serve", "--help"])
        let manual = try String(contentsOfFile: Program.root + "/docs/OPERATIONS.md", encoding: .utf8)
        for key in keys {
            #expect(help.contains("  --\(key) <"), "\(key) is not in the help")
            #expect(manual.contains("| `--\(key)` |"), "\(key) is not in docs/OPERATIONS.md")
        }
    }

    @Test("a configuration file is checked line by line", .timeLimit(.minutes(1)))
    func configurationFile() throws {
        let folder = try Folder()
        let file = folder.path + "/remaster.conf"
        try "# comment\nport = 1\ncolour = green\n".write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try Program.run(Program.remaster, ["serve", "--config", file])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("remaster.conf:3: expected KEY = VALUE"), "\(outcome.errors)")
    }
}
