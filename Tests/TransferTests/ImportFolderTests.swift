import Foundation
import Glibc
import ObjectStorage
import Primitives
import Testing
import Transfer

/// The operator's folder: what can be reached in it, and how a file of it is copied.
@Suite struct ImportFolderTests {
    private static let team = "5a76dfdd-ab15-4137-b919-e7a0f256a5d6"
    private let directory: ScratchDirectory
    private let folder: ImportFolder

    init() throws {
        directory = try ScratchDirectory()
        folder = ImportFolder(path: directory.path + "/in")
        try FileManager.default.createDirectory(atPath: own("reels/1986"), withIntermediateDirectories: true)
    }

    /// A path in the team's part.
    private func own(_ path: String) -> String { "\(directory.path)/in/\(Self.team)/\(path)" }

    private func write(_ content: String, _ path: String) throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func place(_ path: String) throws -> FolderPath { try #require(FolderPath(path)) }

    private func open(_ path: String, team: String = team) throws -> FolderFile {
        try folder.file(try place(path), team: team)
    }

    @Test(
        "Paths that could lead out, or say nothing, are none",
        arguments: [
            "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", "./a", "a//b", "a/", ".hidden", "a/.part", "a\0b", "a\nb", "\u{7F}",
            String(repeating: "abc/", count: 300) + "x",
        ])
    func refusedPaths(path: String) { #expect(FolderPath(path) == nil) }

    @Test(
        "Names of every script, spaces and quotes are plain",
        arguments: ["a.mov", "Fähre 1986/Rolle 2.mov", "日本/'x' \"y\" $(z);.mov", "-rf"])
    func plainPaths(path: String) throws { #expect(try #require(FolderPath(path)).description == path) }

    @Test("A file is opened where it is, and nowhere else")
    func opens() throws {
        try write("film", own("reels/1986/ferry.mov"))
        #expect(try open("reels/1986/ferry.mov").size == 4)
        #expect(throws: FolderError.notFound) { try open("reels/1986/other.mov") }
        #expect(throws: FolderError.notFound) { try open("reels/1986/ferry.mov/x") }
        #expect(throws: FolderError.notFound) { try open("reels/1986/ferry.mov", team: UUID().uuidString.lowercased()) }
        #expect(throws: FolderError.notAFile) { try open("reels") }
        #expect(throws: FolderError.unreadable(ENOENT)) {
            try ImportFolder(path: directory.path + "/none").file(try place("a"), team: Self.team)
        }
    }

    @Test("Links are not followed, as files or as folders; pipes are not waited for")
    func links() throws {
        let secret = directory.path + "/secret"
        try write("secret", secret)
        try write("film", own("a.mov"))
        try FileManager.default.createSymbolicLink(atPath: own("link.mov"), withDestinationPath: secret)
        try FileManager.default.createSymbolicLink(atPath: own("near.mov"), withDestinationPath: "a.mov")
        try FileManager.default.createSymbolicLink(atPath: own("out"), withDestinationPath: directory.path)
        try #require(mkfifo(own("pipe"), 0o644) == 0)
        #expect(throws: FolderError.notAFile) { try open("link.mov") }
        #expect(throws: FolderError.notAFile) { try open("near.mov") }
        #expect(throws: (any Error).self) { try open("out/secret") }
        #expect(throws: FolderError.notAFile) { try open("pipe") }
        #expect(throws: (any Error).self) { try folder.entries(of: try place("out"), team: Self.team) }
        // A team's part that is a link is none either.
        let other = UUID().uuidString.lowercased()
        try FileManager.default.createSymbolicLink(atPath: "\(directory.path)/in/\(other)", withDestinationPath: own(""))
        #expect(throws: (any Error).self) { try open("a.mov", team: other) }
        #expect(try folder.entries(of: nil, team: Self.team).map(\.path.description) == ["a.mov", "reels"])
    }

    @Test("A listing has what can be imported, by name")
    func lists() throws {
        try write("film", own("b.mov"))
        try write("", own("a.mov"))
        try write("x", own(".b.mov.part"))
        try write("x", own("line\nbreak.mov"))
        let name: [CChar] = [0x78, CChar(bitPattern: 0xFF), 0]
        let bytes = Array(own("").utf8CString.dropLast()) + name
        let descriptor = creat(bytes, 0o644)
        try #require(descriptor >= 0)
        close(descriptor)
        let entries = try folder.entries(of: nil, team: Self.team)
        #expect(entries.map(\.path.description) == ["a.mov", "b.mov", "reels"])
        #expect(entries.map(\.kind) == [.file, .file, .folder])
        #expect(entries.map(\.size) == [0, 4, nil])
        #expect(abs(entries[1].modified - Date().timeIntervalSince1970) < 3600)
        #expect(try folder.entries(of: try place("reels"), team: Self.team).map(\.path.description) == ["reels/1986"])
        #expect(try folder.entries(of: nil, team: UUID().uuidString.lowercased()).isEmpty)
        #expect(throws: FolderError.notFound) { try folder.entries(of: try place("none"), team: Self.team) }
    }

    /// A storage beside the folder, and content of three pieces.
    private func stage() throws -> (store: FileObjectStore, key: ObjectKey, content: [UInt8]) {
        let content = (0..<9_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        try Data(content).write(to: URL(fileURLWithPath: own("a.mov")))
        return (try FileObjectStore(root: directory.path + "/objects"), try #require(ObjectKey("videos/x/file")), content)
    }

    private func checksum(_ content: [UInt8]) -> UInt32 {
        var sum = CRC32C()
        sum.update(content.span.bytes)
        return sum.value
    }

    @Test("A copy is the file, wherever it went on", arguments: [0, 1, 4_194_304, 8_999_999, 9_000_000, 12_000_000])
    func copies(start: Int) throws {
        let (store, key, content) = try stage()
        let target = try CollectedFile(for: key, in: store)
        try target.write(Array(content.prefix(start)) + Array(repeating: 0, count: max(0, start - content.count)), at: 0)
        var last: Int64 = 0
        let sum = try open("a.mov").copy(to: target, from: Int64(start)) { last = $0 }
        #expect(sum.value == checksum(content))
        #expect(last == 9_000_000)
        _ = try store.publishCollected(as: key)
        #expect(try store.read(key) == content)
        #expect(FileManager.default.contents(atPath: own("a.mov")) == Data(content), "the source stays")
    }

    @Test("A file that changes, grows or shrinks while it is copied is no copy")
    func changes() throws {
        for change in 0..<3 {
            let (store, key, _) = try stage()
            let target = try CollectedFile(for: key, in: store)
            let file = try open("a.mov")
            var isFirst = true
            #expect(throws: FolderCopyError.changed) {
                try file.copy(to: target, from: 0) { _ in
                    guard isFirst else { return }
                    isFirst = false
                    let handle = try #require(FileHandle(forUpdatingAtPath: own("a.mov")))
                    switch change {
                    case 0: try handle.write(contentsOf: Data([9]))
                    case 1:
                        try handle.seekToEnd()
                        try handle.write(contentsOf: Data([9]))
                    default: try handle.truncate(atOffset: 10)
                    }
                }
            }
        }
    }

    @Test("A file that was changed is another one")
    func identity() throws {
        try write("film", own("a.mov"))
        let first = try open("a.mov").identity
        #expect(try open("a.mov").identity == first)
        try write("flim", own("a.mov"))
        #expect(try open("a.mov").identity != first)
    }
}
