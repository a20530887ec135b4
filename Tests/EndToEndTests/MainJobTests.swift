import Foundation
import Testing

/// The main job from outside: a client's view of one server.
@Suite(.serialized) struct MainJobTests {
    @Test("a clip becomes a 10-bit HDR10 file with its sound, through the API alone", .timeLimit(.minutes(10)))
    func recipe() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"))
        let server = try RunningServer(environment: origin.environment)
        let master = try server.importVideo(origin.url("clip.mp4"), name: "Clip")
        let start = try server.call(
            "POST", "/v1/videos/\(master)/processing/start?startPosMs=0&endPosMs=1000", body: try Recipe.json(Recipe.options()))
        #expect(start.status == 202)
        let result = try #require(start.body["videoId"] as? String)
        #expect(try server.waitForProcessing(result))

        let folder = try Folder()
        let file = folder.path + "/result.mov"
        try server.download(result, to: file)
        let facts = try Clip.facts(of: file)
        let expected = [
            "codec_name": "hevc", "profile": "Main 10", "codec_tag_string": "hvc1", "width": "640", "height": "360",
            "pix_fmt": "yuv420p10le", "color_range": "tv", "color_space": "bt2020nc", "color_transfer": "smpte2084",
            "color_primaries": "bt2020", "nb_read_frames": "25", "avg_frame_rate": "25/1", "max_content": "800", "max_average": "200",
            "max_luminance": "8000000/10000", "min_luminance": "50/10000",
        ]
        for (name, value) in expected { #expect(facts[name] == value, "\(name)") }
        let sound = try Program.check(
            "ffprobe", ["-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_name,duration", "-of", "csv=p=0", file])
        #expect(sound.hasPrefix("aac,"))

        let report = try server.call("GET", "/v1/videos/\(result)/processing/report")
        let levels = try #require(report.body["lightLevels"] as? [String: Any])
        let measured = try #require(levels["measured"] as? [String: Any])
        let maxCLL = try #require(measured["maxCLL"] as? Double)
        #expect(maxCLL > 100 && maxCLL <= 801, "the test picture holds white, and the peak is 800 cd/m²")
        #expect(server.stop() == 0)
    }

    @Test("a server killed in the middle resumes the job, does nothing twice, and gives the same bytes", .timeLimit(.minutes(15)))
    func killedAndResumed() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"), size: "640x360", seconds: 2.4)
        let options = try Recipe.json(Recipe.options(width: 1920, height: 1080))
        var hashes: [String] = []
        for isKilled in [false, true] {
            // One unit at a time: when the first segment is done, the work on the second has just begun.
            let server = try RunningServer(environment: origin.environment.merging(["REMASTER_WORKERS": "1"]) { $1 })
            let master = try server.importVideo(origin.url("clip.mp4"), name: "Clip")
            let start = try server.call("POST", "/v1/videos/\(master)/processing/start", body: options)
            let result = try #require(start.body["videoId"] as? String)
            if isKilled {
                _ = try server.poll("/v1/videos/\(result)/processing/status", until: { _ in !server.finishedSegments.isEmpty })
                server.kill()
                try #require(server.finishedSegments.count == 1, "the kill came too late to show anything")
                let orphan = try server.leaveHalfWritten()
                try server.start()
                _ = try server.poll("/v1/account", until: { _ in !FileManager.default.fileExists(atPath: orphan) }, limit: .seconds(60))
            }
            #expect(try server.waitForProcessing(result), "\(server.log)")
            let folder = try Folder()
            try server.download(result, to: folder.path + "/result.mov")
            hashes.append(try Clip.sha256(of: folder.path + "/result.mov"))
            #expect(server.finishedSegments.count == 2, "39 and 21 frames")
            #expect(Set(server.finishedSegments).count == 2, "none is finished twice")
        }
        #expect(hashes[0] == hashes[1])
    }

    @Test("workers in processes of their own share a job, and what a lost one held is done by another", .timeLimit(.minutes(15)))
    func separateWorkers() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"), size: "640x360", seconds: 2.4)
        let server = try RunningServer(environment: origin.environment, role: "api")
        let (lost, heir) = (try server.startWorker("lost"), try server.startWorker("heir"))
        let master = try server.importVideo(origin.url("clip.mp4"), name: "Clip")
        let options = try Recipe.json(Recipe.options(width: 1920, height: 1080))
        let start = try server.call("POST", "/v1/videos/\(master)/processing/start", body: options)
        let result = try #require(start.body["videoId"] as? String)
        _ = try server.poll("/v1/videos/\(result)/processing/status") { $0.progress >= 60 }
        lost.end(by: SIGKILL)
        #expect(try server.waitForProcessing(result), "\(server.log)")
        let folder = try Folder()
        try server.download(result, to: folder.path + "/result.mov")
        #expect(heir.end(by: SIGTERM) == 0)

        try options.write(toFile: folder.path + "/options.json", atomically: true, encoding: .utf8)
        try Program.check(
            Program.remaster,
            ["process", origin.path("clip.mp4"), folder.path + "/local.mov", "--configuration", folder.path + "/options.json"])
        #expect(try Clip.sha256(of: folder.path + "/result.mov") == Clip.sha256(of: folder.path + "/local.mov"))
    }

    @Test("sources that cannot be used are refused or fail with a reason, and nothing half-made stays", .timeLimit(.minutes(5)))
    func badSources() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"), seconds: 1)
        let whole = try Data(contentsOf: URL(filePath: origin.path("clip.mp4")))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: origin.path("truncated.mp4")))
        try Data("not a video, but long enough to be probed".utf8).write(to: URL(filePath: origin.path("text.mp4")))
        try Data().write(to: URL(filePath: origin.path("empty.mp4")))
        try Clip.makeWithoutFrames(at: origin.path("frameless.mkv"))
        try Clip.makeSound(at: origin.path("sound.mp4"))
        let server = try RunningServer(environment: origin.environment)

        for (url, code) in [
            ("http://127.0.0.1/clip.mp4", "INVALID_HTTPS_URL"), ("ftp://example.com/clip.mp4", "INVALID_HTTPS_URL"),
            ("https://", "INVALID_HTTPS_URL"), (origin.url("absent.mp4"), "RESOLVE_OBJECT_METADATA_ERROR"),
            (origin.url("empty.mp4"), "NO_CONTENT"), (origin.url("clip.mp4?fault=whole"), "CONTENT_NOT_PARTIAL_ERROR"),
        ] {
            let answer = try server.call("POST", "/v1/videos/in/https", body: try Recipe.json(["name": "Bad", "url": url]))
            #expect(answer.status == 400, "\(url): \(answer.text)")
            #expect(answer.errorCode == code, "\(url): \(answer.text)")
        }
        #expect(try server.call("GET", "/v1/videos").body["totalElements"] as? Int == 0)

        for (name, code) in [
            ("text.mp4", "NOT_A_VIDEO"), ("truncated.mp4", "NOT_A_VIDEO"), ("frameless.mkv", "NOT_A_VIDEO"), ("sound.mp4", "NOT_A_VIDEO"),
        ] {
            let answer = try server.call("POST", "/v1/videos/in/https", body: try Recipe.json(["name": name, "url": origin.url(name)]))
            #expect(answer.status == 202)
            let id = try #require(answer.body["videoId"] as? String)
            let end = try server.poll("/v1/videos/\(id)/in/status") { $0.ingestionStatus == "DONE" || $0.hasFailed }
            #expect(end.failure == code, "\(name): \(end.text)")
            let start = try server.call("POST", "/v1/videos/\(id)/processing/start", body: try Recipe.json(Recipe.options()))
            #expect(start.status == 409, "\(start.text)")
        }
        #expect(try server.call("GET", "/v1/account").status == 200)
    }

    @Test("private addresses are refused where they are not allowed", .timeLimit(.minutes(5)))
    func privateSources() throws {
        let server = try RunningServer(environment: [:])
        for url in [
            "https://127.0.0.1/a.mp4", "https://localhost/a.mp4", "https://10.0.0.1/a.mp4", "https://[::1]/a.mp4",
            "https://169.254.169.254/latest", "https://[::ffff:192.168.0.1]/a.mp4", "https://2130706433/a.mp4",
        ] {
            let answer = try server.call("POST", "/v1/videos/in/https", body: try Recipe.json(["name": "Private", "url": url]))
            #expect(answer.status == 400, "\(url): \(answer.text)")
        }
        #expect(try server.call("GET", "/v1/videos").body["totalElements"] as? Int == 0)
    }

    @Test("a source that breaks in the middle fails its job with a reason, and the server goes on", .timeLimit(.minutes(5)))
    func brokenInTheMiddle() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"))
        try Clip.make(at: origin.path("damaged.mp4"))
        try Clip.damage(origin.path("damaged.mp4"))
        let server = try RunningServer(environment: origin.environment)
        let damaged = try server.importVideo(origin.url("damaged.mp4"), name: "Damaged")
        let start = try server.call("POST", "/v1/videos/\(damaged)/processing/start", body: try Recipe.json(Recipe.options()))
        let result = try #require(start.body["videoId"] as? String, "\(start.text)")
        #expect(try !server.waitForProcessing(result))
        let status = try server.call("GET", "/v1/videos/\(result)/processing/status")
        #expect(status.failure == "DAMAGED_SOURCE", "\(status.text)")
        #expect(try server.call("POST", "/v1/videos/\(result)/out/https").status == 409)

        // The connection breaks while the source is copied; the source stays broken.
        let cut = try server.call(
            "POST", "/v1/videos/in/https", body: try Recipe.json(["name": "Cut", "url": origin.url("clip.mp4?fault=cut")]))
        #expect(cut.status == 202, "\(cut.text)")
        let id = try #require(cut.body["videoId"] as? String)
        let end = try server.poll("/v1/videos/\(id)/in/status") { $0.uploadStatus == "DONE" || $0.hasFailed }
        #expect(end.uploadStatus == "FAILED", "\(end.text)")
        #expect(try server.call("DELETE", "/v1/videos/\(id)/in/abandon").status == 204)
        #expect(try server.call("GET", "/v1/videos/\(id)").status == 404)
    }

    @Test("a processing that cannot be is refused before a job exists, with every problem at once", .timeLimit(.minutes(5)))
    func badProcessing() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"), seconds: 2)
        let server = try RunningServer(environment: origin.environment)
        let master = try server.importVideo(origin.url("clip.mp4"), name: "Clip")
        let start = "/v1/videos/\(master)/processing/start"
        let options = try Recipe.json(Recipe.options())
        let unknown = "00000000-0000-4000-8000-000000000000"

        for (path, body, status) in [
            (start + "?startPosMs=5000", options, 400), (start + "?startPosMs=0&endPosMs=500", options, 400), (start, "{", 400),
            (start, #"{"filters": 3}"#, 400), (start, #"{"filters": {"scaler": "NONSENSE"}}"#, 400), (start + "/" + unknown, "", 404),
            ("/v1/videos/\(unknown)/processing/start", options, 404),
        ] {
            let answer = try server.call("POST", path, body: body)
            #expect(answer.status == status, "\(path): \(answer.text)")
            #expect(!answer.errorCode.isEmpty)
        }
        #expect(try server.call("GET", "/v1/videos/\(master)", key: "wrong").status == 401)

        let stranger = try server.makeAccount("stranger@example.com")
        for (method, path, body) in [
            ("GET", "/v1/videos/\(master)", nil), ("DELETE", "/v1/videos/\(master)", nil), ("POST", start, options),
            ("POST", "/v1/videos/\(master)/out/https", nil), ("GET", "/v1/videos/\(master)/in/status", nil),
        ] {
            #expect(try server.call(method, path, body: body, key: stranger).status == 404, "\(method) \(path)")
        }
        #expect(try server.call("GET", "/v1/videos").body["totalElements"] as? Int == 1)
    }
}
