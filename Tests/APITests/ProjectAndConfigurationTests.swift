import Domain
import HTTP
import Store
import Testing

@Suite struct ProjectAndConfigurationTests {
    @Test("Projects live from creation to deletion") func projects() async throws {
        try await APIHarness.with { api in
            let created = try await api.call(.post, "/v1/projects", .members(["name": .string("Ferry films 1986")]), expecting: 201)
            let id = try created.text("id")
            #expect(try created.json["isSample"] == .boolean(false))
            try await api.call(.get, "/v1/projects/\(id)", expecting: 200)
            let renamed = try await api.call(.patch, "/v1/projects/\(id)", .members(["name": .string("Ferries")]), expecting: 200)
            #expect(try renamed.text("name") == "Ferries")
            let unchanged = try await api.call(.patch, "/v1/projects/\(id)", .members([:]), expecting: 200)
            #expect(try unchanged.text("name") == "Ferries")
            try await api.call(.delete, "/v1/projects/\(id)", expecting: 204)
            let gone = try await api.call(.get, "/v1/projects/\(id)", expecting: 404)
            #expect(try gone.errorCode == "RESOURCE_NOT_FOUND")
        }
    }

    @Test("The default project takes imports and cannot go while it holds them") func defaultProject() async throws {
        try await APIHarness.with { api in
            let project = try await api.call(.get, "/v1/projects/default?selectTeamId=\(api.account.team.id)", expecting: 200)
            #expect(try project.text("name") == "Default Project")
            _ = try await api.startImport()
            let refused = try await api.call(.delete, "/v1/projects/\(project.text("id"))", expecting: 409)
            #expect(try refused.errorCode == "PROJECT_WITH_VIDEOS_CANNOT_BE_DELETED")
        }
    }

    @Test("Lists page, sort and stop at their end") func paging() async throws {
        try await APIHarness.with { api in
            for number in 1...4 {
                try await api.call(.post, "/v1/projects", .members(["name": .string("Project \(number)")]), expecting: 201)
            }
            let second = try await api.call(
                .get, "/v1/projects?pageNumber=1&pageSize=2&sortDirection=DESC&sortBy=createdAt", expecting: 200)
            let page = try second.json
            #expect(page["items"]?.items?.compactMap { $0["name"]?.text } == ["Project 2", "Project 1"])
            #expect(page["totalElements"] == .integer(5))
            #expect(page["totalPages"] == .integer(3))
            #expect(page["numberOfElements"] == .integer(2))
            let past = try await api.call(.get, "/v1/projects?pageNumber=2147483647", expecting: 200)
            #expect(try past.json["items"] == .array([]))
            let wrong = try await api.call(
                .get, "/v1/projects?pageNumber=-1&pageSize=101&sortDirection=UP&sortBy=name&teamId=x&nonsense=1", expecting: 400)
            #expect(try Set(wrong.fields) == ["pageNumber", "pageSize", "sortDirection", "sortBy", "teamId", "nonsense"])
        }
    }

    private static let badBodies: [(body: String, code: String, fields: [String])] = [
        ("", "MISSING_REQUEST_BODY", []), ("{", "INVALID_REQUEST_BODY", []), ("{\"name\":\"\"}", "VALIDATION_ERROR", ["name"]),
        ("{\"name\":7,\"x\":1}", "VALIDATION_ERROR", ["x", "name"]), ("{}", "VALIDATION_ERROR", ["name"]),
        ("[]", "VALIDATION_ERROR", ["", "name"]), ("{\"name\":null}", "VALIDATION_ERROR", ["name"]),
        ("{\"name\":\"\(String(repeating: "x", count: 48))\"}", "VALIDATION_ERROR", ["name"]),
    ]

    @Test("A bad body is one 400 with everything that is wrong, and changes nothing") func badBodies() async throws {
        try await APIHarness.with { api in
            for (body, code, fields) in Self.badBodies {
                let answer = try await api.send(.post, "/v1/projects", Array(body.utf8), headers: ["X-API-Key": api.key], expecting: 400)
                #expect(try answer.errorCode == code, "\(body)")
                #expect(try answer.fields == fields, "\(body)")
            }
            #expect(try await api.call(.get, "/v1/projects").json["totalElements"] == .integer(1))
        }
    }

    @Test("The built-in recipe asserts 800 and 200 cd/m², and nobody deletes it") func builtIn() async throws {
        try await APIHarness.with { api in
            let path = "/v1/processing-configurations/5a76dfdd-ab15-4137-b919-e7a0f256a5d6"
            let answer = try await api.call(.get, path, expecting: 200)
            #expect(try answer.json["builtin"] == .boolean(true))
            let profile = try answer.json["options"]?["processingSettings"]?["outputColorSpaceConversion"]?["colorProfile"]
            #expect(profile?["maxCll"] == .integer(800))
            #expect(profile?["maxFall"] == .integer(200))
            let refused = try await api.call(.delete, path, expecting: 403)
            #expect(try refused.errorCode == "FORBIDDEN")
            try await api.call(.get, path, expecting: 200)
        }
    }

    @Test("Configurations live from creation to deletion, and options come back as they were given") func configurations() async throws {
        try await APIHarness.with { api in
            let options = try JSON(
                parsing: """
                    {"encodingConfiguration":{"codec":"HEVC","pixelFormat":{"yuv":"4:2:0","bitDepth":10},"bitrate":20000000},"container":"MOV",
                     "filters":{"deinterlacer":"DEINT","denoiser":"DENOISE","scaler":"DVRES2"},
                     "filterSettings":{"interlacedFieldOrderMode":"AUTO_METADATA","dvres2Variant":"GENERIC","resolution":{"tag":"FULL_HD"}}}
                    """)
            let created = try await api.call(
                .post, "/v1/processing-configurations",
                .members(["name": .string("PAL tape to HD"), "description": .string("tapes"), "options": options]), expecting: 201)
            let id = try created.text("id")
            let given = try ProcessingOptions(json: options)
            let read = try ProcessingOptions(json: try #require(try created.json["options"]))
            #expect(read == given)
            let list = try await api.call(.get, "/v1/processing-configurations?builtInMode=EXCLUDE", expecting: 200)
            #expect(try list.json["items"]?.items?.compactMap { $0["id"]?.text } == [id])
            #expect(try await api.call(.get, "/v1/processing-configurations?builtInMode=ONLY").json["totalElements"] == .integer(1))
            try await api.call(.delete, "/v1/processing-configurations/\(id)", expecting: 204)
            try await api.call(.get, "/v1/processing-configurations/\(id)", expecting: 404)
        }
    }

    @Test("Options that break a rule are refused when they are stored") func badOptions() async throws {
        try await APIHarness.with { api in
            let options = try JSON(
                parsing: """
                    {"container":"MP4","encodingConfiguration":{"codec":"FFV1"},"filters":{"scaler":"PABSR1","denoiser":"NOISE"}}
                    """)
            let answer = try await api.call(
                .post, "/v1/processing-configurations", .members(["name": .string("x"), "options": options]), expecting: 400)
            #expect(try answer.errorCode == "VALIDATION_ERROR")
            #expect(
                try Set(answer.fields) == [
                    "options.filters.denoiser", "options.filterSettings.resolution", "options.filterSettings.clarityBoost",
                    "options.container",
                ])
            let container = try await api.call(
                .post, "/v1/processing-configurations",
                .members(["name": .string("x"), "options": .members(["container": .string("MXF")])]), expecting: 400)
            #expect(try container.errorCode == "CONTAINER_IS_NOT_SUPPORTED_FOR_SELECTED_CODEC")
            #expect(try container.json["validationErrors"]?.items?.first?["value"] == .string("MXF"))
        }
    }
}
