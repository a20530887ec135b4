import Glibc
package import Primitives

/// A file that is being written and is no object yet. It becomes one by `publish`; dropped before that, it is gone.
package struct PartFile: ~Copyable {
    /// Absolute path, for programs and libraries that write files by name.
    package let path: String
    private let store: FileObjectStore
    private let descriptor: Int32

    init(store: FileObjectStore, path: String) throws(ObjectStorageError) {
        let opened = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw .last("open", path) }
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
