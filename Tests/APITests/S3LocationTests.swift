import Credentials
import Domain
import HTTP
import Postgres
import Primitives
import Store
import TestSupport
import Testing

@Suite struct S3LocationTests {
    private static let paths = ["/v1/input-locations/s3", "/v1/output-locations/s3"]
    private static let body = JSON.members([
        "bucket": .string("harbour-archive-bucket"), "accessKey": .string("INVENTEDACCESSKEY7QE"),
        "secretAccessKey": .string("invented-secret-for-examples-only-k9w"), "name": .string("masters"),
    ])

    @Test("A location lives from creation to deletion, and never shows its keys", arguments: paths) func lifecycle(path: String)
        async throws
    {
        try await APIHarness.with { api in
            let created = try await api.call(.post, path, Self.body, expecting: 201)
            let id = try created.text("id")
            #expect(try created.text("bucket") == "harbour-archive-bucket")
            #expect(try created.text("accessKeyHidden") == "*****************7QE")
            #expect(try created.text("secretAccessKeyHidden") == "**********************************k9w")
            #expect(!String(decoding: created.bytes, as: UTF8.self).contains("INVENTED"))
            let read = try await api.call(.get, "\(path)/\(id)", expecting: 200)
            #expect(try read.json == created.json)
            let renamed = try await api.call(.patch, "\(path)/\(id)", .members(["name": .string("reels")]), expecting: 200)
            #expect(try renamed.text("name") == "reels")
            #expect(try renamed.text("accessKeyHidden") == "*****************7QE")
            let rekeyed = try await api.call(
                .patch, "\(path)/\(id)", .members(["secretAccessKey": .string("another-secret-abc"), "bucket": .string("reels-86")]),
                expecting: 200)
            #expect(try rekeyed.text("secretAccessKeyHidden") == "***************abc")
            #expect(try rekeyed.text("accessKeyHidden") == "*****************7QE")
            #expect(try rekeyed.text("bucket") == "reels-86")
            let unchanged = try await api.call(.patch, "\(path)/\(id)", .members([:]), expecting: 200)
            #expect(try unchanged.text("bucket") == "reels-86")
            try await api.call(.delete, "\(path)/\(id)", expecting: 204)
            let gone = try await api.call(.get, "\(path)/\(id)", expecting: 404)
            #expect(try gone.errorCode == "RESOURCE_NOT_FOUND")
            try await api.call(.delete, "\(path)/\(id)", expecting: 404)
            try await api.call(.patch, "\(path)/\(id)", Self.body, expecting: 404)
        }
    }

    @Test("Keys lie encrypted in the database") func sealed() async throws {
        try await APIHarness.with { api in
            try await api.call(.post, Self.paths[0], Self.body, expecting: 201)
            let found = try await api.database.pool.run {
                try $0.value("SELECT sum(position('INVENTED'::bytea in sealed_credentials)) FROM s3_locations", as: Int.self)
            }
            #expect(found == 0)
        }
    }

    @Test("Lists page, and hold the locations of one direction only") func lists() async throws {
        try await APIHarness.with { api in
            for number in 1...3 {
                try await api.call(.post, Self.paths[0], Self.body.replacing("name", .string("place \(number)")), expecting: 201)
            }
            let output = try await api.call(.post, Self.paths[1], Self.body, expecting: 201)
            let page = try await api.call(
                .get, "\(Self.paths[0])?pageSize=2&pageNumber=1&teamId=\(api.account.team.id)&sortDirection=ASC", expecting: 200)
            #expect(try page.json["items"]?.items?.compactMap { $0["name"]?.text } == ["place 3"])
            #expect(try page.json["totalElements"] == .integer(3))
            #expect(try await api.call(.get, Self.paths[1], expecting: 200).json["totalElements"] == .integer(1))
            try await api.call(.get, "\(Self.paths[0])/\(output.text("id"))", expecting: 404)
            try await api.call(.delete, "\(Self.paths[0])/\(output.text("id"))", expecting: 404)
            let wrong = try await api.call(.get, "\(Self.paths[0])?pageSize=0&teamId=x&sortBy=name&more=1", expecting: 400)
            #expect(try Set(wrong.fields) == ["pageSize", "teamId", "sortBy", "more"])
            let foreign = try await api.call(.get, "\(Self.paths[0])?teamId=\(ID<Team>())", expecting: 404)
            #expect(try foreign.errorCode == "TEAM_NOT_FOUND")
        }
    }

    @Test("Another team's location is not there, and does not change", arguments: paths) func isolation(path: String) async throws {
        try await APIHarness.with { api in
            let id = try await api.call(.post, path, Self.body, expecting: 201).text("id")
            let stranger = try await api.makeStranger()
            try await api.call(.get, "\(path)/\(id)", key: stranger, expecting: 404)
            try await api.call(.patch, "\(path)/\(id)", .members(["name": .string("mine")]), key: stranger, expecting: 404)
            try await api.call(.delete, "\(path)/\(id)", key: stranger, expecting: 404)
            #expect(try await api.call(.get, path, key: stranger, expecting: 200).json["totalElements"] == .integer(0))
            let foreign = try await api.call(
                .post, "\(path)?selectTeamId=\(api.account.team.id)", Self.body, key: stranger, expecting: 404)
            #expect(try foreign.errorCode == "TEAM_NOT_FOUND")
            #expect(try await api.call(.get, "\(path)/\(id)", expecting: 200).text("name") == "masters")
        }
    }

    private static let badBodies: [(change: [String: JSON?], fields: [String])] = [
        (["bucket": nil, "accessKey": nil, "secretAccessKey": nil, "name": nil], ["bucket", "accessKey", "secretAccessKey", "name"]),
        (["bucket": .string("ab")], ["bucket"]), (["bucket": .string(String(repeating: "a", count: 64))], ["bucket"]),
        (["bucket": .string("Harbour")], ["bucket"]), (["bucket": .string("a..b")], ["bucket"]), (["bucket": .string("-ab")], ["bucket"]),
        (["bucket": .string("ab.-c")], ["bucket"]), (["bucket": .string("127.0.0.1")], ["bucket"]),
        (["bucket": .string("a/b")], ["bucket"]),
        (["bucket": .string("ferry_86")], ["bucket"]), (["bucket": .integer(7)], ["bucket"]),
        (["accessKey": .string("")], ["accessKey"]), (["accessKey": .string("A/B")], ["accessKey"]),
        (["accessKey": .string("A,B")], ["accessKey"]), (["accessKey": .string("ä")], ["accessKey"]),
        (["secretAccessKey": .string("a b")], ["secretAccessKey"]), (["secretAccessKey": .string("a\n")], ["secretAccessKey"]),
        (["secretAccessKey": .string(String(repeating: "s", count: 256))], ["secretAccessKey"]),
        (["secretAccessKey": .array([])], ["secretAccessKey"]), (["name": .string("")], ["name"]),
        (["name": .string(String(repeating: "n", count: 256))], ["name"]), (["region": .string("eu-west-1")], ["region"]),
        (["secretAcessKey": .string("sssss")], ["secretAcessKey"]),
        (["s3Bucket": .members(["keys": .array([.members(["secretAccessKey": .string("sssss")])])])], ["s3Bucket"]),
        (["bucket": .members(["SECRET": .string("sssss")])], ["bucket"]),
    ]

    @Test("Bad values are one 400 that names them and shows no key; nothing is stored") func badBodies() async throws {
        try await APIHarness.with { api in
            let id = try await api.call(.post, Self.paths[0], Self.body, expecting: 201).text("id")
            for (change, fields) in Self.badBodies {
                var body = Self.body
                for (name, value) in change { body = body.replacing(name, value) }
                let answer = try await api.call(.post, Self.paths[0], body, expecting: 400)
                #expect(try answer.errorCode == "VALIDATION_ERROR")
                #expect(try answer.fields == fields, "\(change)")
                #expect(!String(decoding: answer.bytes, as: UTF8.self).contains("sss"))
                if fields.count == 1 {
                    let patch = try await api.call(.patch, "\(Self.paths[0])/\(id)", body, expecting: 400)
                    #expect(try patch.fields == fields, "\(change)")
                }
            }
            for path in [Self.paths[0], "\(Self.paths[0])/\(id)"] {
                let method: HTTPMethod = path == Self.paths[0] ? .post : .patch
                let none = try await api.call(method, path, expecting: 400)
                #expect(try none.errorCode == "MISSING_REQUEST_BODY")
                let broken = try await api.send(method, path, Array("{".utf8), headers: ["X-API-Key": api.key], expecting: 400)
                #expect(try broken.errorCode == "INVALID_REQUEST_BODY")
            }
            for (method, body) in [(HTTPMethod.get, JSON?.none), (.patch, Self.body), (.delete, nil)] {
                let answer = try await api.call(method, "\(Self.paths[0])/no-uuid", body, expecting: 400)
                #expect(try answer.fields == ["id"])
                let query = try await api.call(method, "\(Self.paths[0])/\(id)?x=1", body, expecting: 400)
                #expect(try query.fields == ["x"])
            }
            let list = try await api.call(.get, Self.paths[0], expecting: 200)
            #expect(try list.json["totalElements"] == .integer(1))
            #expect(try list.json["items"]?.items?.first?["bucket"] == .string("harbour-archive-bucket"))
        }
    }
}

extension JSON {
    /// An object with another value for a member, or without it.
    func replacing(_ name: String, _ value: JSON?) -> JSON {
        guard case .object(var members) = self else { return self }
        members[name] = value
        return .object(members)
    }
}

extension APIHarness {
    /// A second account with a team of its own; its key.
    func makeStranger() async throws -> String {
        let stranger = try await AccountStore(pool: database.pool).createAccount(
            email: "stranger@example.com", name: "Stranger", password: PasswordHash.make("correct horse", cost: .cheap),
            teamName: "Other Archive")
        let secret = APIKeySecret.generate()
        _ = try await APIKeyStore(pool: database.pool).create(
            for: stranger.user.id, name: "tests", description: nil, isActive: true, secret: secret)
        return secret.text
    }
}
