import Domain
import Foundation
import HTTP
import Postgres
import Primitives
import S3
import Store
import TestObjectServer
import TestSupport
import Testing

/// Exports to a real S3 server, up to the job that copies.
@Suite struct ExportTests {
    private static func body(_ stage: S3Stage, prefix: String = "restored/1986") -> JSON {
        .members(["s3Bucket": stage.place(), "objectKeyPrefix": .string(prefix)])
    }

    /// The export's key, as the worker will get it.
    private static func key(_ video: ID<Video>, _ api: APIHarness) async throws -> String? {
        try await ExportStore(pool: api.database.pool).record(of: video)?.objectKey
    }

    @Test("An export is accepted, shown, done, and another may follow") func lifecycle() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
            let answer = try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 202)
            #expect(try answer.text("videoId") == id.description)
            #expect(try answer.json["output"]?["state"]?["status"] == .string("IN_PROGRESS"))
            #expect(try answer.json["output"]?["state"]?["progressPercentage"] == .integer(0))
            #expect(try await Self.key(id, api) == "restored/1986/ferry-1986.mov")
            #expect(try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 200).json == answer.json)
            let again = try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 409)
            #expect(try again.errorCode == "VIDEO_ALREADY_BEING_COPIED_TO_OUTPUT_LOCATION")
            for (method, operation) in [(HTTPMethod.post, "restart"), (.delete, "abandon")] {
                let refused = try await api.call(method, "/v1/videos/\(id)/out/\(operation)", expecting: 409)
                #expect(try refused.errorCode == "VIDEO_OUT_OPERATION_NOT_FAILED")
            }
            try await api.complete(.export)
            let done = try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 200)
            #expect(try done.json["output"]?["state"]?["status"] == .string("DONE"))
            #expect(try done.json["output"]?["state"]?["progressPercentage"] == .integer(100))
            let video = try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            #expect(try video.json["output"]?["state"]?["status"] == .string("DONE"))
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage, prefix: "elsewhere"), expecting: 202)
        }
    }

    @Test("Whatever a file is called, it is one part of the key", arguments: ["..": "_", "../a\\b\n.mov": ".._a_b_.mov"])
    func oddNames(_ given: String, _ part: String) async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster(fileName: given)
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 202)
            #expect(try await Self.key(id, api) == "restored/1986/" + part)
        }
    }

    @Test("An export under way can be moved, cancelled, and begun again") func cancel() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 202)
            let moved = try await api.call(
                .patch, "/v1/videos/\(id)/out/priority", .members(["priority": .integer(-3)]), expecting: 200)
            #expect(try moved.json["kind"] == .string("export") && moved.json["priority"] == .integer(-3))
            let cancelled = try await api.call(.post, "/v1/videos/\(id)/out/cancel", expecting: 200)
            #expect(try cancelled.json["output"]?["state"]?["status"] == .string("FAILED"))
            #expect(try cancelled.json["output"]?["state"]?["errorMessage"] == .string("The job was cancelled."))
            try await api.call(.post, "/v1/videos/\(id)/out/cancel", expecting: 409)
            try await api.call(.post, "/v1/videos/\(id)/out/restart", expecting: 202)
            try await api.call(.post, "/v1/videos/\(id)/out/cancel", expecting: 200)
            try await api.call(.delete, "/v1/videos/\(id)/out/abandon", expecting: 204)
            #expect(try await api.call(.get, "/v1/videos/\(id)", expecting: 200).json["masterVideo"] != nil)
        }
    }

    @Test("A failed export says why, blocks others, can be restarted, and can be abandoned") func failure() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            let location = try await stage.makeLocation(api, "/v1/output-locations/s3")
            let path = "/v1/videos/\(id)/out/s3/\(location)"
            let body = JSON.members(["objectKeyPrefix": .string("restored")])
            try await api.call(.post, path, body, expecting: 202)
            try await api.fail(.export, code: "HEAD_BUCKET_ERROR", "The bucket refused a part of the upload.")
            let failed = try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 200)
            #expect(try failed.json["output"]?["state"]?["status"] == .string("FAILED"))
            #expect(try failed.json["output"]?["state"]?["errorMessage"] == .string("The bucket refused a part of the upload."))
            let blocked = try await api.call(.post, path, body, expecting: 409)
            #expect(try blocked.errorCode == "ONGOING_COPY_TO_OUTPUT_NEEDS_TO_BE_RESTARTED_OR_ABANDONED")
            let restarted = try await api.call(.post, "/v1/videos/\(id)/out/restart", expecting: 202)
            #expect(try restarted.json["output"]?["state"]?["status"] == .string("IN_PROGRESS"))
            #expect(try restarted.json["output"]?["state"]?["errorMessage"] == nil)
            try await api.fail(.export, code: "HEAD_BUCKET_ERROR", "Again.")
            try await api.call(.delete, "/v1/videos/\(id)/out/abandon", expecting: 204)
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
            try await api.call(.get, "/v1/videos/\(id)", expecting: 200)
            try await api.call(.post, path, body, expecting: 202)
        }
    }

    @Test("Every step of an export is an event") func events() async throws {
        try await S3Stage.with { api, stage in
            _ = try await WebhookStore(pool: api.database.pool).create(
                NewWebhook(
                    team: api.account.team.id, name: "Hook", url: "https://example.com/hook",
                    eventTypes: [.videoOutStarted, .videoOutDone, .videoOutFailed]))
            let id = try await api.importMaster()
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 202)
            try await api.fail(.export, code: "HEAD_BUCKET_ERROR", "No.")
            try await api.call(.post, "/v1/videos/\(id)/out/restart", expecting: 202)
            try await api.complete(.export)
            let events = try await api.call(.get, "/v1/webhooks/events?sortDirection=ASC", expecting: 200)
            #expect(
                try events.json["items"]?.items?.compactMap { $0["payload"]?["eventType"]?.text } == [
                    "video_out.started", "video_out.failed", "video_out.started", "video_out.done",
                ])
        }
    }

    @Test(
        "The key is prefix, slash and file name",
        arguments: [
            ("", "ferry-1986.mov"), ("a", "a/ferry-1986.mov"), ("a/", "a/ferry-1986.mov"), ("/a", "/a/ferry-1986.mov"),
            ("ä ö", "ä ö/ferry-1986.mov"),
        ]) func keys(prefix: String, key: String) async throws
    {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage, prefix: prefix), expecting: 202)
            #expect(try await Self.key(id, api) == key)
        }
    }

    @Test("An object of that key in the bucket, even an empty one, is 409") func existing() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            for content in [[UInt8]](arrayLiteral: [1], []) {
                try await stage.client.put(content, at: "restored/1986/ferry-1986.mov")
                let answer = try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 409)
                #expect(try answer.errorCode == "OBJECT_ALREADY_EXISTS")
            }
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
        }
    }

    @Test("A video whose data is not there is 409") func notReady() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.startImport()
            let answer = try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), expecting: 409)
            #expect(try answer.errorCode == "CONFLICT")
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
        }
    }

    @Test("A bucket that is not there or does not take the keys is refused; keys that may only write are taken") func places() async throws
    {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            for (place, status, code) in [
                (stage.place(bucket: "no-such-bucket"), 404, "BUCKET_NOT_FOUND"),
                (stage.place(accessKey: "NOBODY"), 400, "HEAD_BUCKET_ERROR"),
                (stage.place(secretAccessKey: "wrong"), 400, "HEAD_BUCKET_ERROR"),
            ] {
                let answer = try await api.call(
                    .post, "/v1/videos/\(id)/out/s3", Self.body(stage).replacing("s3Bucket", place), expecting: status)
                #expect(try answer.errorCode == code)
            }
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
            try await api.call(
                .post, "/v1/videos/\(id)/out/s3", Self.body(stage).replacing("s3Bucket", stage.place(stage.server.writer)), expecting: 202)
        }
    }

    @Test("Bad requests are one 400 with everything that is wrong, and change nothing") func badRequests() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            let location = try await stage.makeLocation(api, "/v1/output-locations/s3")
            let path = "/v1/videos/\(id)/out/s3"
            for (body, fields) in [
                ("{}", ["s3Bucket", "objectKeyPrefix"]),
                (
                    "{\"s3Bucket\":{\"bucket\":\"a b\",\"accessKey\":\"\"},\"objectKeyPrefix\":7,\"x\":1}",
                    ["x", "s3Bucket.secretAccessKey", "s3Bucket.bucket", "s3Bucket.accessKey", "objectKeyPrefix"]
                ), ("{\"s3Bucket\":[],\"objectKeyPrefix\":\"a/../b\"}", ["s3Bucket", "objectKeyPrefix"]),
            ] {
                let answer = try await api.send(.post, path, Array(body.utf8), headers: ["X-API-Key": api.key], expecting: 400)
                #expect(try answer.errorCode == "VALIDATION_ERROR")
                #expect(try answer.fields == fields, "\(body)")
            }
            for length in [1025, 1020] {
                let long = JSON.members(["objectKeyPrefix": .string(String(repeating: "p", count: length))])
                let answer = try await api.call(.post, "\(path)/\(location)", long, expecting: 400)
                #expect(try answer.fields == ["objectKeyPrefix"])
            }
            let query = try await api.call(.post, "\(path)?overwrite=true", Self.body(stage), expecting: 400)
            #expect(try query.fields == ["overwrite"])
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
        }
    }

    @Test("Videos and locations that are malformed, unknown or foreign are not exported from or to") func strangers() async throws {
        try await S3Stage.with { api, stage in
            let id = try await api.importMaster()
            let stranger = try await api.makeStranger()
            let (input, output) = (
                try await stage.makeLocation(api, "/v1/input-locations/s3"), try await stage.makeLocation(api, "/v1/output-locations/s3")
            )
            let body = JSON.members(["objectKeyPrefix": .string("a")])
            try await api.call(.post, "/v1/videos/\(id)/out/s3", Self.body(stage), key: stranger, expecting: 404)
            try await api.call(.post, "/v1/videos/\(id)/out/s3/\(output)", body, key: stranger, expecting: 404)
            try await api.call(.post, "/v1/videos/\(ID<Video>())/out/s3", Self.body(stage), expecting: 404)
            for location in [input, ID<S3Location>().description] {
                let answer = try await api.call(.post, "/v1/videos/\(id)/out/s3/\(location)", body, expecting: 404)
                #expect(try answer.errorCode == "RESOURCE_NOT_FOUND")
            }
            let malformed = try await api.call(.post, "/v1/videos/\(id)/out/s3/nonsense", body, expecting: 400)
            #expect(try malformed.fields == ["outputLocationId"])
            for (method, operation) in [(HTTPMethod.get, "status"), (.post, "restart"), (.delete, "abandon")] {
                try await api.call(method, "/v1/videos/\(id)/out/\(operation)", key: stranger, expecting: 404)
                try await api.call(method, "/v1/videos/\(ID<Video>())/out/\(operation)", expecting: 404)
                let bad = try await api.call(method, "/v1/videos/nonsense/out/\(operation)", expecting: 400)
                #expect(try bad.fields == ["videoId"])
            }
            try await api.call(.get, "/v1/videos/\(id)/out/status", expecting: 204)
        }
    }
}
