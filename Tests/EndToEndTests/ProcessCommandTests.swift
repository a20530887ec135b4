import Foundation
import Testing

/// How `remaster process` begins and ends where it does not succeed.
@Suite(.serialized) struct ProcessCommandTests {
    private func prepare(_ folder: Folder, seconds: Double = 1) throws -> (clip: String, options: String) {
        let (clip, options) = (folder.path + "/clip.mp4", folder.path + "/options.json")
        try Clip.make(at: clip, size: "160x90", seconds: seconds)
        try Recipe.json(Recipe.options(width: 320, height: 180)).write(toFile: options, atomically: true, encoding: .utf8)
        return (clip, options)
    }

    @Test("the video itself, a folder and a device are no output", .timeLimit(.minutes(2)))
    func outputs() throws {
        let folder = try Folder()
        let (clip, options) = try prepare(folder)
        let before = try Clip.sha256(of: clip)
        let link = folder.path + "/link.mov"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: clip)
        for (output, reason) in [
            (clip, "is the video to process itself"), (link, "is the video to process itself"), (folder.path, "is no regular file"),
            ("/dev/null", "is no regular file"),
        ] {
            let outcome = try Program.run(Program.remaster, ["process", clip, output, "--configuration", options])
            #expect(outcome.status == 64 && outcome.errors.contains(reason), "\(output): \(outcome.errors)")
        }
        #expect(try Clip.sha256(of: clip) == before)
    }

    @Test("a report that cannot be written is refused before the work", .timeLimit(.minutes(2)))
    func reports() throws {
        let folder = try Folder()
        let (clip, options) = try prepare(folder)
        let output = folder.path + "/out.mov"
        for (report, reason) in [
            (folder.path + "/absent/report.json", "No such file or directory"), (folder.path, "is a folder"), (clip, "is the video"),
            (output, "is the output"), (options + "/report.json", "Not a directory"),
        ] {
            let outcome = try Program.run(
                Program.remaster, ["process", clip, output, "--configuration", options, "--report", report])
            #expect(outcome.status == 64 && outcome.errors.contains(reason), "\(report): \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test("an output that cannot be written is not blamed on the input", .timeLimit(.minutes(2)))
    func unwritable() throws {
        let folder = try Folder()
        let (clip, options) = try prepare(folder)
        // A name that a file may have, and too long for the work folder beside it.
        let output = folder.path + "/" + String(repeating: "x", count: 250) + ".mov"
        let outcome = try Program.run(Program.remaster, ["process", clip, output, "--configuration", options])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(output): File name too long"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("Usage"))
    }

    @Test("a signal ends it, and nothing stays", .timeLimit(.minutes(5)), arguments: [SIGINT, SIGTERM])
    func signals(_ signal: Int32) throws {
        let folder = try Folder()
        let (clip, options) = try prepare(folder, seconds: 30)
        let output = folder.path + "/out.mov"
        let marker = output + ".remaster-work/remaster.lock"
        let child = try Child(Program.remaster, ["process", clip, output, "--configuration", options])
        let deadline = ContinuousClock.now + .seconds(120)
        while !FileManager.default.fileExists(atPath: marker), ContinuousClock.now < deadline { usleep(5_000) }
        try #require(FileManager.default.fileExists(atPath: marker))
        #expect(child.end(by: signal) == 128 + signal)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["clip.mp4", "options.json"])
    }
}
