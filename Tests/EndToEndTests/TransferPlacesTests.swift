import Foundation
import Testing

/// Transfers have places of their own: what other people's servers do keeps nothing from being processed.
@Suite(.serialized) struct TransferPlacesTests {
    @Test("sources that only drip hold up neither other imports nor the work on them", .timeLimit(.minutes(8)))
    func dripping() throws {
        let origin = try Origin()
        try Clip.make(at: origin.path("clip.mp4"), seconds: 1)
        try Program.check("truncate", ["-s", "64M", origin.path("slow.mp4")])
        // As many as there are places for everything else: the process would be full of them.
        let server = try RunningServer(environment: origin.environment.merging(["REMASTER_WORKERS": "2"]) { $1 })
        let slow = try ["one", "two"].map { name in
            let answer = try server.call(
                "POST", "/v1/videos/in/https", body: try Recipe.json(["name": name, "url": origin.url("slow.mp4?fault=drip")]))
            try #require(answer.status == 202, "\(answer.text)")
            return try #require(answer.body["videoId"] as? String)
        }
        let video = try server.importVideo(origin.url("clip.mp4"), name: "Clip")
        for id in slow {
            #expect(try server.call("GET", "/v1/videos/\(id)/in/status").uploadStatus == "IN_PROGRESS")
            #expect(try server.call("POST", "/v1/videos/\(id)/in/cancel").status == 200)
        }
        // The import is committed: nothing of its copy is left but the object.
        let media = URL(filePath: server.dataDirectory).deletingLastPathComponent().appending(path: "media/+parts")
        let names = try FileManager.default.contentsOfDirectory(atPath: media.path(percentEncoded: false))
        #expect(!names.contains { $0.contains(video) }, "\(names)")
        #expect(server.stop() == 0)
    }
}
