import Glibc
import Primitives
import Testing

import ObjectStorage

@Suite("Storages that take nothing")
struct StorageRefusalTests {
    @Test("errors of the whole storage are told from those of one file")
    func errors() {
        let expected: [(Int32, StorageRefusal?)] = [
            (ENOSPC, .full), (EDQUOT, .full), (EROFS, .readOnly), (EIO, .failing), (EACCES, nil), (EFBIG, nil), (ENOENT, nil),
            (EMFILE, nil),
        ]
        for (code, refusal) in expected { #expect(StorageRefusal(errno: code) == refusal, "errno \(code)") }
    }

    @Test("an error of the disk in reading is that of one object", arguments: ["pread", "open", "fstat", "opendir"])
    func reading(operation: String) {
        #expect(StorageRefusal(errno: EIO, of: operation) == nil)
        #expect(StorageRefusal(errno: EROFS, of: operation) == .readOnly)
    }

    @Test("a collected file takes its room at once, or none")
    func room() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/a/file")
        let file = try CollectedFile(for: key, in: scratch.store)
        let path = scratch.store.collectionPath(for: key)
        func held() -> Int {
            var facts = stat()
            return stat(path, &facts) == 0 ? Int(facts.st_blocks) * 512 : -1
        }
        #expect(throws: ObjectStorageError.diskFull(path: path)) { try file.reserve(1 << 50) }
        #expect(try held() == 0 && file.size() == 0)
        try file.reserve(1 << 20)
        #expect(try held() >= 1 << 20 && file.size() == 0)
        // What an earlier attempt wrote stays, and what it had set aside is asked for anew.
        try file.write([1, 2, 3], at: 0)
        try file.truncate(to: 3)
        #expect(held() < 1 << 20)
        try file.reserve(1 << 20)
        #expect(try held() >= 1 << 20 && file.size() == 3 && file.read(at: 0, count: 9) == [1, 2, 3])
    }

    @Test("room that a killed writer had set aside is given back; that of a young file or of one that is held stays")
    func roomLeftBehind() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/a/file")
        let path = scratch.store.collectionPath(for: key)
        func held() -> Int {
            var facts = stat()
            return stat(path, &facts) == 0 ? Int(facts.st_blocks) * 512 : -1
        }
        try withExtendedLifetime(try CollectedFile(for: key, in: scratch.store)) { file in
            try file.write([1, 2, 3], at: 0)
            try file.reserve(4 << 20)
            utimensat(AT_FDCWD, path, [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)], 0)
            #expect(try scratch.store.releaseRoom(notTouchedSince: 2000) == 0)
        }
        #expect(try scratch.store.releaseRoom(notTouchedSince: 1000) == 0)
        #expect(held() >= 4 << 20)
        #expect(try scratch.store.releaseRoom(notTouchedSince: 2000) == 1)
        #expect((0..<1 << 20).contains(held()))
        #expect(try CollectedFile(for: key, in: scratch.store).read(at: 0, count: 9) == [1, 2, 3])
        #expect(try scratch.store.releaseRoom(notTouchedSince: .max) == 0)
    }
}
