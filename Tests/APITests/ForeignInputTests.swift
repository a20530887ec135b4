import API
import Domain
import Foundation
import HTTP
import Primitives
import Store
import Testing

/// What every operation does with ids of rows that are there, and belong to others.
@Suite("Foreign input") struct ForeignInputTests {
    /// One row of every kind of one account, and somebody else.
    private struct Stage {
        /// By the names of parameters in paths, where these are enough; else by paths.
        var ids: [String: String] = [:]
        var strangersHeaders: HeaderFields = [:]
        var strangersPassword: HeaderFields = [:]
        var strangersTeam = ""

        func path(of probe: OperationProbe) -> String {
            var path = probe.path
            for name in probe.ids {
                let collection = probe.path.split(separator: "/").prefix { $0 != "{\(name)}" }.joined(separator: "/")
                path = path.replacing("{\(name)}", with: ids[name] ?? ids[collection] ?? "no row of \(collection)")
            }
            return path
        }
    }

    /// Right by themselves: only the rows are others'.
    private static let bodies: [String: JSON] = {
        let bucket: JSON = .members([
            "bucket": .string("masters"), "accessKey": .string("AKIDEXAMPLE"), "secretAccessKey": .string("secret"),
        ])
        let location: JSON = .members([
            "name": .string("Masters"), "bucket": .string("masters"), "accessKey": .string("AKIDEXAMPLE"),
            "secretAccessKey": .string("secret"),
        ])
        let priority: JSON = .members(["priority": .integer(1)])
        let prefix: JSON = .members(["objectKeyPrefix": .string("restored")])
        return [
            "/v1/projects": .members(["name": .string("Reels")]),
            "/v1/projects/{id}": .members(["name": .string("Reels")]),
            "/v1/input-locations/s3": location, "/v1/output-locations/s3": location,
            "/v1/videos/in/folder": .members(["name": .string("x"), "path": .string("reels/ferry.mov")]),
            "/v1/videos/in/https": .members(["name": .string("Reel"), "url": .string("https://media.example.com/reel.mov")]),
            "/v1/videos/in/s3": .members(["name": .string("Reel"), "objectKey": .string("reel.mov"), "s3Bucket": bucket]),
            "/v1/videos/in/s3/{inputLocationId}": .members(["name": .string("Reel"), "objectKey": .string("reel.mov")]),
            "/v1/videos/{videoId}/out/s3": .members(["s3Bucket": bucket, "objectKeyPrefix": .string("restored")]),
            "/v1/videos/{videoId}/out/s3/{outputLocationId}": prefix,
            "/v1/videos/{videoId}/processing/priority": priority, "/v1/videos/{videoId}/in/priority": priority,
            "/v1/videos/{videoId}/out/priority": priority,
            "/v1/processing-configurations": .members(["name": .string("Mine"), "options": .members([:])]),
            "/v1/webhooks": webhook,
            "/v1/uploads": .members(["name": .string("Reel"), "fileName": .string("reel.mov"), "size": .integer(10)]),
        ]
    }()

    private static let webhook: JSON = .members([
        "name": .string("hook"), "url": .string("https://hooks.example.com/"), "active": .boolean(true), "rateLimitPerSecond": .integer(10),
        "maxTotalRetryDelayMinutes": .integer(180), "eventTypes": .array([.string("video_in.done")]),
    ])

    private static func body(of probe: OperationProbe) -> [UInt8] {
        if probe.method == .post || probe.method == .patch, let body = bodies[probe.path] { return body.utf8 }
        return probe.json["requestBody"]?["required"] == .boolean(true) ? Array("{}".utf8) : []
    }

    private static func prepare(_ api: APIHarness) async throws -> Stage {
        var stage = Stage()
        func made(_ path: String, _ body: JSON) async throws -> String {
            try await api.call(.post, path, body, expecting: 201).text("id")
        }
        let video = try await api.importMaster()
        stage.ids["videoId"] = video.description
        stage.ids["targetVideoId"] = video.description
        for path in ["/v1/projects", "/v1/input-locations/s3", "/v1/output-locations/s3", "/v1/webhooks", "/v1/uploads"] {
            stage.ids[String(path.dropFirst())] = try await made(path, bodies[path] ?? .members([:]))
        }
        stage.ids["inputLocationId"] = stage.ids["v1/input-locations/s3"]
        stage.ids["outputLocationId"] = stage.ids["v1/output-locations/s3"]
        stage.ids["confId"] = try await made("/v1/processing-configurations", bodies["/v1/processing-configurations"] ?? .members([:]))
        stage.ids["appraisalId"] = try await api.call(
            .post, "/v1/videos/\(video)/processing/appraisals/create", .members([:]), expecting: 201
        ).text("appraisalId")
        let hook = try #require(stage.ids["v1/webhooks"])
        stage.ids["v1/webhooks/events"] = try await api.call(.post, "/v1/webhooks/\(hook)/test", expecting: 202).text("id")
        stage.ids["v1/api-keys"] = try await api.signedIn(.get, "/v1/api-keys", expecting: 200).json["items"]?.items?.first?["id"]?.text
        let period = try await api.call(.get, "/v1/billing-periods", expecting: 200).json["items"]?.items?.first?["id"]?.text
        for path in ["v1/billing-periods", "v2/stripe/billing-periods"] { stage.ids[path] = period }
        stage.ids["v1/teams"] = api.account.team.id.description
        stage.ids["agreementId"] = try await api.linkAgreement().agreementID

        stage.strangersHeaders = ["X-API-Key": try await api.foreignKey()]
        stage.strangersPassword = [.authorization: "Basic \(Data("foreign@example.com:x".utf8).base64EncodedString())"]
        let key = try #require(stage.strangersHeaders["X-API-Key"])
        stage.strangersTeam = try await api.call(.get, "/v1/account", key: key, expecting: 200).text("defaultTeam", "id")
        return stage
    }

    @Test("A row of others is 404, as if it were not there, and stays as it is") func rows() async throws {
        try await OperationProbe.withAll(preparing: Self.prepare) { api, probes, stage in
            // The keys that webhooks are signed with are everybody's.
            for probe in probes where !probe.ids.isEmpty && probe.path != "/v1/webhooks/public-keys/{id}" {
                var headers = probe.usesPassword ? stage.strangersPassword : stage.strangersHeaders
                if probe.path == "/v1/uploads/{id}" { headers["Upload-Offset"] = "0" }
                let path = stage.path(of: probe)
                let answer = try await probe.send(api, path, Self.body(of: probe), headers: headers, wrong: .foreign)
                #expect(
                    answer.status == 404, "\(probe.method) \(path): \(answer.status) \(String(decoding: answer.bytes, as: UTF8.self))")
            }
        }
    }

    @Test("A team of others is 404, wherever one can be named") func teams() async throws {
        try await OperationProbe.withAll(preparing: Self.prepare) { api, probes, stage in
            for probe in probes {
                for name in probe.queryNames where name == "teamId" || name == "selectTeamId" {
                    let path = stage.path(of: probe) + "?\(name)=\(stage.strangersTeam)"
                    let answer = try await probe.send(api, path, Self.body(of: probe), wrong: .foreign)
                    #expect(
                        try answer.status == 404 && answer.errorCode == "TEAM_NOT_FOUND",
                        "\(probe.method) \(path): \(answer.status) \(String(decoding: answer.bytes, as: UTF8.self))")
                }
            }
        }
    }
}
