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

/// Imports from a real S3 server, up to the job that copies.
@Suite struct S3ImportTests {
    @Test("An import with keys in the request is accepted, and shows what is known of its file") func withKeys() async throws {
        try await S3Stage.with { api, stage in
            let answer = try await api.call(
                .post, "/v1/videos/in/s3?selectTeamId=\(api.account.team.id)&fullIngestion=false", stage.body(), expecting: 202)
            let file = try #require(try answer.json["upload"]?["file"])
            #expect(file["name"] == .string("ferry 1986.mov"))
            #expect(file["size"] == .integer(Int64(S3Stage.content.count)))
            #expect(file["type"] == .string("video/quicktime"))
            let id = try #require(ID<Video>(answer.text("videoId")))
            let kept = try #require(try await ImportStore(pool: api.database.pool).request(of: id))
            let request = try JSONDecoder().decode(ImportRequest.self, from: Data(kept.request.text.utf8))
            #expect(request.object == ImportRequest.StoredObject(bucket: stage.bucket, key: S3Stage.key))
            #expect(!kept.request.text.contains(stage.keys.secretAccessKey))
            let sealed = try #require(kept.sealedSecret)
            #expect(try S3Credentials(sealed: sealed, by: api.secretBox).secretAccessKey == stage.keys.secretAccessKey)
            try await api.call(.get, "/v1/videos/\(id)/in/status", expecting: 200)
        }
    }

    @Test("An import from a stored location takes its keys, and a restart those of then") func fromLocation() async throws {
        try await S3Stage.with { api, stage in
            let location = try await stage.makeLocation(api, "/v1/input-locations/s3")
            let body = JSON.members([
                "name": .string("Ferry"), "description": .string("reel 2"), "objectKey": .string(S3Stage.key),
                "fileName": .string("ferry.mov"), "projectId": .string(api.account.defaultProject.id.description),
            ])
            let answer = try await api.call(.post, "/v1/videos/in/s3/\(location)", body, expecting: 202)
            #expect(try answer.json["upload"]?["file"]?["name"] == .string("ferry.mov"))
            let id = try #require(ID<Video>(answer.text("videoId")))
            func secret() async throws -> String {
                let sealed = try #require(try await ImportStore(pool: api.database.pool).request(of: id)?.sealedSecret)
                return try S3Credentials(sealed: sealed, by: api.secretBox).secretAccessKey
            }
            #expect(try await secret() == stage.keys.secretAccessKey)
            try await api.fail(.importSource, code: "HEAD_BUCKET_ERROR", "The keys expired.")
            let path = "/v1/input-locations/s3/\(location)"
            try await api.call(.patch, path, .members(["secretAccessKey": .string("renewed-secret")]), expecting: 200)
            #expect(try await secret() == stage.keys.secretAccessKey)
            try await api.call(.post, "/v1/videos/\(id)/in/restart", expecting: 202)
            #expect(try await secret() == "renewed-secret")
            try await api.fail(.importSource, code: "HEAD_BUCKET_ERROR", "The keys expired.")
            try await api.call(
                .patch, path, .members(["secretAccessKey": .string("for-another"), "bucket": .string("another-bucket")]), expecting: 200)
            try await api.call(.post, "/v1/videos/\(id)/in/restart", expecting: 202)
            #expect(try await secret() == "renewed-secret", "the location is of another bucket by now")
            try await api.call(.delete, path, expecting: 204)
            try await api.fail(.importSource, code: "HEAD_BUCKET_ERROR", "The keys expired.")
            try await api.call(.post, "/v1/videos/\(id)/in/restart", expecting: 202)
            try await api.fail(.importSource, code: "HEAD_BUCKET_ERROR", "The keys expired.")
            try await api.call(.delete, "/v1/videos/\(id)/in/abandon", expecting: 204)
            try await api.call(.get, "/v1/videos/\(id)", expecting: 404)
        }
    }

    private static let badSources: [(change: @Sendable (S3Stage) -> (name: String, value: JSON), status: Int, code: String)] = [
        ({ _ in ("objectKey", .string("absent.mov")) }, 404, "KEY_NOT_FOUND"),
        ({ _ in ("objectKey", .string("empty.mov")) }, 400, "NO_CONTENT"),
        ({ ("s3Bucket", $0.place(bucket: "no-such-bucket")) }, 404, "BUCKET_NOT_FOUND"),
        ({ ("s3Bucket", $0.place(accessKey: "NOBODY")) }, 400, "HEAD_BUCKET_ERROR"),
        ({ ("s3Bucket", $0.place(secretAccessKey: "wrong")) }, 400, "HEAD_BUCKET_ERROR"),
        ({ ("s3Bucket", $0.place($0.server.writer)) }, 400, "HEAD_OBJECT_ERROR"),
    ]

    @Test("A source that cannot be read is refused before anything is made, with the code that says why") func badSources() async throws {
        try await S3Stage.with { api, stage in
            for (change, status, code) in Self.badSources {
                let (name, value) = change(stage)
                let answer = try await api.call(.post, "/v1/videos/in/s3", stage.body().replacing(name, value), expecting: status)
                #expect(try answer.errorCode == code)
                #expect(try answer.json["errorCodeEnum"] == .string(code))
            }
            let location = try await stage.makeLocation(api, "/v1/input-locations/s3")
            let answer = try await api.call(
                .post, "/v1/videos/in/s3/\(location)",
                .members(["name": .string("x"), "objectKey": .string("absent.mov")]), expecting: 404)
            #expect(try answer.errorCode == "KEY_NOT_FOUND")
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(0))
        }
    }

    @Test("A service that cannot be reached is a bad source, too") func unreachable() async throws {
        try await APIHarness.with { api in
            let place = JSON.members(["bucket": .string("films"), "accessKey": .string("A"), "secretAccessKey": .string("s")])
            let answer = try await api.call(
                .post, "/v1/videos/in/s3", .members(["name": .string("x"), "objectKey": .string("a.mov"), "s3Bucket": place]),
                expecting: 400)
            #expect(try answer.errorCode == "HEAD_BUCKET_ERROR")
        }
    }

    private static let badBodies: [(body: String, code: String, fields: [String])] = [
        ("", "MISSING_REQUEST_BODY", []), ("[", "INVALID_REQUEST_BODY", []),
        ("{}", "VALIDATION_ERROR", ["name", "objectKey", "s3Bucket"]),
        (
            "{\"name\":\"\",\"objectKey\":\"\",\"s3Bucket\":{},\"projectId\":\"x\",\"url\":\"y\",\"fileName\":\"\"}", "VALIDATION_ERROR",
            ["url", "name", "projectId", "fileName", "objectKey", "s3Bucket.bucket", "s3Bucket.accessKey", "s3Bucket.secretAccessKey"]
        ),
        (
            "{\"name\":\"a\",\"objectKey\":\"a/../b\",\"s3Bucket\":{\"bucket\":\"UP\",\"accessKey\":7,\"secretAccessKey\":\"s\",\"region\":1}}",
            "VALIDATION_ERROR", ["objectKey", "s3Bucket.region", "s3Bucket.bucket", "s3Bucket.accessKey"]
        ),
        ("{\"name\":\"a\",\"objectKey\":\"a\",\"s3Bucket\":\"films\"}", "VALIDATION_ERROR", ["s3Bucket"]),
    ]

    @Test("Bad requests are one 400 with everything that is wrong, and make nothing") func badBodies() async throws {
        try await S3Stage.with { api, stage in
            for (body, code, fields) in Self.badBodies {
                let answer = try await api.send(
                    .post, "/v1/videos/in/s3", Array(body.utf8), headers: ["X-API-Key": api.key], expecting: 400)
                #expect(try answer.errorCode == code)
                #expect(try answer.fields == fields, "\(body)")
            }
            let long = try await api.call(
                .post, "/v1/videos/in/s3?fullIngestion=maybe&crc32c=1&selectTeamId=x",
                stage.body().replacing("objectKey", .string(String(repeating: "ä", count: 513))), expecting: 400)
            #expect(try long.fields == ["crc32c", "selectTeamId", "fullIngestion", "objectKey"])
            let foreign = try await api.call(.post, "/v1/videos/in/s3?selectTeamId=\(ID<Team>())", stage.body(), expecting: 404)
            #expect(try foreign.errorCode == "TEAM_NOT_FOUND")
            let project = try await api.call(
                .post, "/v1/videos/in/s3", stage.body().replacing("projectId", .string(ID<Project>().description)), expecting: 400)
            #expect(try project.fields == ["projectId"])
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(0))
        }
    }

    @Test("A location that is malformed, unknown, of the other direction or of another team is not imported from")
    func badLocations() async throws {
        try await S3Stage.with { api, stage in
            let body = JSON.members(["name": .string("x"), "objectKey": .string(S3Stage.key)])
            let malformed = try await api.call(.post, "/v1/videos/in/s3/nonsense", body, expecting: 400)
            #expect(try malformed.fields == ["inputLocationId"])
            let (input, output) = (
                try await stage.makeLocation(api, "/v1/input-locations/s3"), try await stage.makeLocation(api, "/v1/output-locations/s3")
            )
            for id in [ID<S3Location>().description, output] {
                let answer = try await api.call(.post, "/v1/videos/in/s3/\(id)", body, expecting: 404)
                #expect(try answer.errorCode == "RESOURCE_NOT_FOUND")
            }
            let stranger = try await api.makeStranger()
            try await api.call(.post, "/v1/videos/in/s3/\(input)", body, key: stranger, expecting: 404)
            let missing = try await api.call(.post, "/v1/videos/in/s3/\(input)", .members(["s3Bucket": stage.place()]), expecting: 400)
            #expect(try missing.fields == ["s3Bucket", "name", "objectKey"])
            #expect(try await api.call(.get, "/v1/videos").json["totalElements"] == .integer(0))
        }
    }
}
