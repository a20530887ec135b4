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

    @Test("a collected file knows what has no room, before it takes any")
    func room() throws {
        let scratch = try Scratch()
        let key = try scratch.key("videos/a/file")
        let file = try CollectedFile(for: key, in: scratch.store)
        try file.require(0)
        let path = scratch.store.collectionPath(for: key)
        #expect(throws: ObjectStorageError.diskFull(path: path)) { try file.require(1 << 50) }
        #expect(try file.size() == 0)
    }
}
