import Foundation
import Synchronization
import Testing

/// A server under test with its private PostgreSQL, driven from outside as an operator and a client would.
final class RunningServer {
    struct Answer {
        let status: Int
        let body: [String: Any]
        let text: String
    }

    let dataDirectory: String
    private let folder: Folder
    private let environment: [String: String]
    private let role: String
    private var process: Child?
    private(set) var base = ""
    private(set) var key = ""

    /// - Parameters:
    ///   - environment: beyond the test's own: the certificate authority, for one.
    ///   - role: `all`, or `api` for one whose workers are processes of their own.
    init(environment: [String: String], role: String = "all") throws {
        folder = try Folder()
        dataDirectory = folder.path + "/data"
        self.role = role
        self.environment = environment.merging([
            "REMASTER_STORAGE": "file:\(folder.path)/media", "REMASTER_MASTER_KEY": Data(repeating: 7, count: 32).base64EncodedString(),
        ]) { $1 }
        try start()
        key = try makeAccount("owner@example.com")
    }

    /// Another user with a team; the API key.
    func makeAccount(_ email: String) throws -> String {
        let account = try Program.check(
            Program.remaster,
            [
                "account", "create", "--data-directory", dataDirectory, "--email", email, "--password", "correct horse battery staple",
                "--team", "Archive", "--json",
            ], environment: environment)
        let facts = try #require(try JSONSerialization.jsonObject(with: Data(account.utf8)) as? [String: Any])
        return try #require(facts["apiKey"] as? String)
    }

    deinit {
        process?.end(by: SIGTERM, limit: .seconds(40))
    }

    /// Starts the process and waits for its line that it is ready.
    func start() throws {
        let line = FirstLine()
        process = try Child(
            Program.remaster, ["serve", "--role", role, "--data-directory", dataDirectory, "--port", "0", "--host", "127.0.0.1"],
            environment: environment, output: line.output, errors: .file(folder.path + "/log"))
        let ready = try #require(
            try line.read { $0.hasPrefix("Remaster is ready at http://") }, "the server did not start: \(self.log)")
        base = String(ready.dropFirst("Remaster is ready at ".count).prefix { $0 != " " })
    }

    /// A process that only works, on one unit at a time, as it would run on another machine of the same database.
    func startWorker(_ name: String) throws -> Child {
        try Child(
            Program.remaster,
            [
                "serve", "--role", "worker", "--workers", "1", "--data-directory", "\(folder.path)/\(name)", "--database-url",
                "host=\(dataDirectory)/socket user=remaster dbname=remaster",
            ], environment: environment, errors: .file(folder.path + "/log"))
    }

    /// What the server has written so far, for the message of a failed expectation.
    var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "(no log)" }

    /// The encoded segments that the log says are finished, one entry for each time.
    var finishedSegments: [String] {
        log.split(separator: "\n").filter { $0.hasSuffix("unit succeeded") && $0.contains("kind=encode ") }.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("segment=") }.map(String.init)
        }
    }

    /// SIGKILL: no chance to say goodbye.
    func kill() { process?.end(by: SIGKILL) }

    /// Leaves a file in storage as a writer does that was killed two days ago; its path.
    func leaveHalfWritten() throws -> String {
        let path = folder.path + "/media/+parts/0123456789abcdef0123456789abcdef"
        try Data("half a segment".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -2 * 86_400)], ofItemAtPath: path)
        return path
    }

    /// SIGTERM, and the exit status.
    func stop() -> Int32? { process?.end(by: SIGTERM) }

    /// One API call with curl.
    func call(_ method: String, _ path: String, body: String? = nil, key: String? = nil) throws -> Answer {
        var arguments = [
            "-sS", "-X", method, base + "/api" + path, "-H", "X-API-Key: \(key ?? self.key)", "-H", "Content-Type: application/json", "-w",
            "\n%{http_code}",
        ]
        if let body { arguments += ["--data-binary", body] }
        let text = try Program.check("curl", arguments)
        let cut = try #require(text.lastIndex(of: "\n"))
        let content = String(text[..<cut])
        let object = try? JSONSerialization.jsonObject(with: Data(content.utf8)) as? [String: Any]
        return Answer(status: try #require(Int(text[text.index(after: cut)...])), body: object ?? [:], text: content)
    }

    /// Asks again until `isDone` says so; the answer that did.
    func poll(_ path: String, until isDone: (Answer) -> Bool, limit: Duration = .seconds(300)) throws -> Answer {
        let deadline = ContinuousClock.now + limit
        while true {
            let answer = try call("GET", path)
            if isDone(answer) { return answer }
            try #require(ContinuousClock.now < deadline, "\(path) stayed at \(answer.text)\n\(log)")
            usleep(100_000)
        }
    }

    /// Imports a file by HTTPS and waits for the end of its ingestion; the video's id.
    func importVideo(_ url: String, name: String) throws -> String {
        let answer = try call("POST", "/v1/videos/in/https", body: try Recipe.json(["name": name, "url": url]))
        try #require(answer.status == 202, "\(answer.text)")
        let id = try #require(answer.body["videoId"] as? String)
        let end = try poll("/v1/videos/\(id)/in/status") { $0.ingestionStatus == "DONE" || $0.hasFailed }
        try #require(!end.hasFailed, "\(end.text)")
        return id
    }

    /// Waits for the end of a processing; true when it is done, false when it failed.
    func waitForProcessing(_ id: String) throws -> Bool {
        let end = try poll("/v1/videos/\(id)/processing/status") { ["DONE", "FAILED"].contains($0.processingStatus) }
        return end.processingStatus == "DONE"
    }

    /// Fetches a finished video by its signed URL.
    func download(_ id: String, to path: String) throws {
        let answer = try call("POST", "/v1/videos/\(id)/out/https")
        try #require(answer.status == 201, "\(answer.text)")
        let url = try #require(answer.body["presignedUrl"] as? String)
        try Program.check("curl", ["-sS", "--fail", "-o", path, url])
    }
}

extension RunningServer.Answer {
    private func member(_ keys: String...) -> String? {
        var value: Any? = body
        for key in keys { value = (value as? [String: Any])?[key] }
        return value as? String
    }

    var uploadStatus: String { member("upload", "uploadState", "uploadStatus") ?? "" }
    var ingestionStatus: String { member("ingestion", "ingestionState", "ingestionStatus") ?? "" }
    var processingStatus: String { member("processingState", "processingStatus") ?? "" }
    /// Per cent of a processing.
    var progress: Int { (body["processingState"] as? [String: Any])?["progressPercentage"] as? Int ?? 0 }
    /// Why an ingestion or a processing failed.
    var failure: String { member("ingestion", "ingestionState", "error", "code") ?? member("processingState", "error", "code") ?? "" }
    var errorCode: String { member("errorCode") ?? "" }
    var hasFailed: Bool { uploadStatus == "FAILED" || ingestionStatus == "FAILED" }
}
