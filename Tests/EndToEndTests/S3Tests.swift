import Foundation
import TestObjectServer
import Testing

/// In and out of a real S3 server, through the API alone; what lies in the bucket is put and read by curl's own signatures.
@Suite(.serialized) struct S3Tests {
    @Test("a video comes from S3 and goes back, over a kill in the middle, with the same bytes", .timeLimit(.minutes(10)))
    func roundTrip() async throws {
        let objects = try await Objects()
        let folder = try Folder()
        let source = folder.path + "/noise.mov"
        // Noise does not shrink: eight parts of an export.
        try Clip.make(
            at: source, size: "1280x720", seconds: 4, video: ["-vf", "noise=alls=100:allf=t", "-c:v", "ffv1", "-g", "1"])
        try objects.put(source, at: "masters/noise.mov")
        // More than half of the export passes before the kill, and no more.
        let gate = try Gate(to: objects.server.endpoint, closingAfter: try Clip.size(of: source) * 3 / 4)
        let server = try RunningServer(environment: ["REMASTER_S3_ENDPOINT": gate.endpoint])
        let place: [String: Any] = [
            "bucket": objects.bucket, "accessKey": objects.server.owner.accessKey, "secretAccessKey": objects.server.owner.secretAccessKey,
        ]

        let location = try server.call(
            "POST", "/v1/input-locations/s3", body: try Recipe.json(place.merging(["name": "masters"]) { $1 }))
        let input = try #require(location.body["id"] as? String)
        let wish = try Recipe.json(["name": "Noise", "objectKey": "masters/noise.mov"])
        let accepted = try server.call("POST", "/v1/videos/in/s3/\(input)", body: wish)
        try #require(accepted.status == 202, "\(accepted.text)")
        let video = try #require(accepted.body["videoId"] as? String)
        let imported = try server.poll("/v1/videos/\(video)/in/status") { $0.ingestionStatus == "DONE" || $0.hasFailed }
        try #require(!imported.hasFailed, "\(imported.text)")

        let export = try Recipe.json(["s3Bucket": place, "objectKeyPrefix": "restored"])
        let started = try server.call("POST", "/v1/videos/\(video)/out/s3", body: export)
        try #require(started.status == 202, "\(started.text)")
        let status = "/v1/videos/\(video)/out/status"
        let before = try server.poll(status) { $0.outputProgress > 0 || $0.outputStatus != "IN_PROGRESS" }
        server.kill()
        #expect(before.outputStatus == "IN_PROGRESS", "\(before.text)")
        gate.open()
        try server.start()
        let after = try server.call("GET", status)
        #expect(after.outputProgress >= before.outputProgress)
        let done = try server.poll(status) { $0.outputStatus != "IN_PROGRESS" }
        #expect(done.outputStatus == "DONE" && done.outputProgress == 100, "\(done.text)\n\(server.log)")

        let copy = folder.path + "/copy.mov"
        try objects.get("restored/noise.mov", to: copy)
        #expect(try Clip.sha256(of: copy) == Clip.sha256(of: source))
        let again = try server.call("POST", "/v1/videos/\(video)/out/s3", body: export)
        #expect(again.status == 409 && again.errorCode == "OBJECT_ALREADY_EXISTS")
        #expect(server.stop() == 0)
    }
}

/// A bucket of the real S3 server, as curl sees it.
private struct Objects {
    let server: ObjectServer
    let bucket: String

    init() async throws {
        server = try await ObjectServer.running()
        bucket = try await server.makeBucket("whole")
    }

    func put(_ file: String, at key: String) throws { try curl(["--retry", "10", "--retry-all-errors", "-T", file, url(key)]) }
    func get(_ key: String, to file: String) throws { try curl(["-o", file, url(key)]) }

    private func url(_ key: String) -> String { "\(server.endpoint)/\(bucket)/\(key)" }

    private func curl(_ arguments: [String]) throws {
        let keys = "\(server.owner.accessKey):\(server.owner.secretAccessKey)"
        try Program.check(
            "curl",
            ["-sS", "--fail", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", keys, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
                + arguments)
    }
}

extension RunningServer.Answer {
    private var output: [String: Any] { (body["output"] as? [String: Any])?["state"] as? [String: Any] ?? [:] }
    fileprivate var outputStatus: String { output["status"] as? String ?? "" }
    fileprivate var outputProgress: Int { output["progressPercentage"] as? Int ?? 0 }
}
