import FoundationEssentials
import Glibc
import Primitives
import Testing

import ObjectStorage

/// A store in a directory of its own.
final class Scratch {
    let root: String
    let store: FileObjectStore

    init() throws {
        root = "/tmp/remaster-objects-\(UUID().uuidString)"
        store = try FileObjectStore(root: root)
    }

    deinit {
        do { _ = try Directories.remove(root) } catch { Issue.record(error) }
    }

    func key(_ text: String) throws -> ObjectKey { try #require(ObjectKey(text)) }
}

@Suite("Objects as files")
struct FileObjectStoreTests {
    @Test("what is put can be read, in whole and in part")
    func putAndRead() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/a/file")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try scratch.store.put(bytes, at: key)
        #expect(try scratch.store.read(key) == bytes)
        #expect(try scratch.store.read(key, at: 99_990, count: 100) == Array(bytes[99_990...]))
        #expect(try scratch.store.read(key, at: 200_000, count: 1) == [])
        #expect(try scratch.store.size(of: key) == 100_000)
    }

    @Test("an object is replaced whole, and an open reader keeps the old one")
    func replace() throws {
        let scratch = try Scratch()
        let key = try scratch.key("a")
        try scratch.store.put([1, 2, 3], at: key)
        let descriptor = open(scratch.store.path(of: key), O_RDONLY)
        defer { close(descriptor) }
        try scratch.store.put([9], at: key)
        var old = [UInt8](repeating: 0, count: 3)
        #expect(pread(descriptor, &old, 3, 0) == 3)
        #expect(old == [1, 2, 3])
        #expect(try scratch.store.read(key) == [9])
    }

    @Test("a part that is dropped leaves nothing, one that is published is an object")
    func parts() throws {
        let scratch = try Scratch()
        let key = try scratch.key("jobs/j/segment-00000")
        func drop() throws {
            let part = try scratch.store.makePart()
            try part.write([1, 2])
        }
        try drop()
        #expect(try Directories.entries(of: scratch.root + "/+parts").isEmpty)
        #expect(try !scratch.store.exists(key))
        let part = try scratch.store.makePart()
        try part.write([1, 2])
        try part.write([3])
        #expect(try part.publish(as: key) == 3)
        #expect(try scratch.store.read(key) == [1, 2, 3])
        #expect(try Directories.entries(of: scratch.root + "/+parts").isEmpty)
    }

    @Test("a collected file survives its writer and is published by name")
    func collection() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/v/file")
        let path = scratch.store.collectionPath(for: key)
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(write(descriptor, "abc", 3) == 3)
        close(descriptor)
        let later = try FileObjectStore(root: scratch.root)
        #expect(try later.publishCollected(as: key) == 3)
        #expect(try later.read(key) == Array("abc".utf8))
    }

    @Test("a prefix takes with it what is below and what is being collected, and nothing beside it")
    func deletePrefix() throws {
        let scratch = try Scratch()
        for name in ["jobs/j1/a", "jobs/j1/b/c", "jobs/j10/a", "jobs/j2"] {
            try scratch.store.put([0], at: try scratch.key(name))
        }
        close(open(scratch.store.collectionPath(for: try scratch.key("jobs/j1/file")), O_WRONLY | O_CREAT, 0o600))
        #expect(try scratch.store.deletePrefix(try scratch.key("jobs/j1")) == 3)
        #expect(try scratch.store.list(below: try scratch.key("jobs")).map(\.key.description) == ["jobs/j10/a", "jobs/j2"])
        #expect(try scratch.store.deletePrefix(try scratch.key("jobs/j1")) == 0)
    }

    @Test("deleting twice is as good as once, and reading afterwards is .notFound")
    func delete() throws {
        let scratch = try Scratch()
        let key = try scratch.key("x/y/z")
        try scratch.store.put([1], at: key)
        try scratch.store.delete(key)
        try scratch.store.delete(key)
        #expect(throws: ObjectStorageError.notFound(key)) { try scratch.store.read(key) }
        #expect(try Directories.entries(of: scratch.root).map(\.name) == ["+parts"])
    }

    @Test("what killed writers left is swept when it is old; what is young, held or being collected stays")
    func sweep() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/v/file")
        let collected = ["", ".part", ".ledger"].map { scratch.store.collectionPath(for: key) + $0 }
        let (old, young) = (try nameOfPart(in: scratch), try nameOfPart(in: scratch))
        for path in [old, young] + collected { close(open(path, O_WRONLY | O_CREAT, 0o600)) }
        let held = try scratch.store.makePart()
        try held.write([1, 2])
        for path in [old, held.path] + collected {
            utimensat(AT_FDCWD, path, [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)], 0)
        }
        let staying = [young, held.path] + collected
        #expect(try scratch.store.sweepParts(notTouchedSince: 2000) == 1)
        #expect(access(old, F_OK) != 0)
        for path in staying { #expect(access(path, F_OK) == 0, "\(path)") }
        #expect(try held.publish(as: key) == 2)
    }

    /// Where a part was that has gone.
    private func nameOfPart(in scratch: Scratch) throws -> String {
        let part = try scratch.store.makePart()
        return part.path
    }

    @Test("a full disk is told as such")
    func diskFull() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        #expect(write(descriptor, "x", 1) == -1)
        #expect(ObjectStorageError.last("write", "/dev/full") == .diskFull(path: "/dev/full"))
    }

    @Test("a relative root is refused")
    func relativeRoot() {
        #expect(throws: ObjectStorageError.invalidRoot("data")) { try FileObjectStore(root: "data") }
    }
}
