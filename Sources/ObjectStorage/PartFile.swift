import Glibc
package import Primitives

/// A file that is being written and is no object yet. It becomes one by `publish`; dropped before that, it is gone.
///
/// Its writer holds a lock on it, which goes with the process: a file that no one holds was left by a writer that was killed.
package struct PartFile: ~Copyable {
    /// Absolute path, for programs and libraries that write files by name.
    package let path: String
    private let store: FileObjectStore
    private let descriptor: Int32

    init(store: FileObjectStore, path: String) throws(ObjectStorageError) {
        let opened = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw .last("open", path) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let failure = ObjectStorageError.last("flock", path)
            close(opened)
            unlink(path)
            throw failure
        }
        self.store = store
        self.path = path
        descriptor = opened
    }

    deinit {
        close(descriptor)
        // After publishing the name is free already.
        unlink(path)
    }

    /// Appends bytes. Throws `.diskFull`.
    package func write(_ bytes: RawSpan) throws(ObjectStorageError) {
        try bytes.withUnsafeBytes { (buffer) throws(ObjectStorageError) in
            var rest = UnsafeRawBufferPointer(buffer)
            while let start = rest.baseAddress, !rest.isEmpty {
                let written = Glibc.write(descriptor, start, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw .last("write", path) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }

    /// Appends bytes. Throws `.diskFull`.
    package func write(_ bytes: [UInt8]) throws(ObjectStorageError) { try write(bytes.span.bytes) }

    /// Makes what was written, by this value or by name, the object `key`: all of it or nothing, also after a power cut.
    /// Returns the object's size in bytes.
    @discardableResult
    package consuming func publish(as key: ObjectKey) throws(ObjectStorageError) -> Int64 {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .last("fstat", path) }
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
        try store.publish(file: path, as: key)
        return Int64(facts.st_size)
    }
}

// MARK: Files whose writer is gone

extension PartFile {
    /// A name that no other file has: 128 random bits in hexadecimal, without leading zeros of either half.
    static func randomName() -> String {
        String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
    }

    /// Whether `randomName` could have made this name.
    static func isRandomName(_ name: String) -> Bool {
        (2...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0) || (UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0) }
    }

    /// Removes a part file unless its writer holds it, in whatever process; whether it did.
    static func removeUnheld(_ path: String) throws(ObjectStorageError) -> Bool {
        let opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard opened >= 0 else {
            if errno == ENOENT { return false }  // published, dropped or swept meanwhile
            throw .last("open", path)
        }
        defer { close(opened) }
        // Shared is enough to meet the writer's lock, and needs no right to write, which some network file systems ask for.
        guard flock(opened, LOCK_SH | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { return false }
            throw .last("flock", path)
        }
        guard unlink(path) == 0 else {
            if errno == ENOENT { return false }
            throw .last("unlink", path)
        }
        return true
    }
}
