import Glibc
package import ObjectStorage
package import Primitives

/// A file of the import folder, open for reading.
package final class FolderFile: Sendable {
    private let descriptor: Int32
    /// In bytes.
    package let size: Int64
    /// Changes with every change of the file.
    package let identity: String

    init(_ descriptor: Int32) throws(FolderError) {
        self.descriptor = descriptor
        guard let facts = Self.facts(descriptor) else {
            size = 0
            identity = ""
            throw .unreadable(errno)
        }
        size = Int64(facts.st_size)
        identity = Self.identity(facts)
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    }

    deinit { close(descriptor) }

    /// Bytes read at a time.
    private static let pieceSize = 4 << 20

    /// Whether the file is still as it was when it was opened.
    private var isUnchanged: Bool { Self.facts(descriptor).map { Self.identity($0) == identity } ?? false }

    /// Copies the file: by reference where both lie on one file system that can, else byte by byte.
    ///
    /// - Parameters:
    ///   - start: bytes of the target that an earlier attempt copied from the same file.
    ///   - progress: told the number of bytes that are checked and copied; throws to end the copy.
    /// - Returns: checksum of the whole file.
    /// - Throws: `FolderCopyError`, `ObjectStorageError`, `FolderError.unreadable`, and what `progress` throws.
    package func copy(
        to target: CollectedFile, from start: Int64, progress: (Int64) throws -> Void
    ) throws -> CRC32C {
        var sum = CRC32C()
        var done = min(start, size)
        try target.truncate(to: done)
        if done == 0, target.clone(descriptor) { done = size }
        if let capacity = try target.capacity(), size > capacity { throw FolderCopyError.tooLarge(limit: capacity) }
        try target.reserve(size)
        // What is there already is read again: the checksum is that of the copy.
        var checked: Int64 = 0
        while checked < done {
            let piece = try target.read(at: checked, count: Int(min(Int64(Self.pieceSize), done - checked)))
            guard !piece.isEmpty else { throw FolderCopyError.changed }
            sum.update(piece)
            checked += Int64(piece.count)
            try progress(checked)
        }
        while done < size {
            let piece = try read(at: done, count: Int(min(Int64(Self.pieceSize), size - done)))
            guard !piece.isEmpty else { throw FolderCopyError.changed }
            try target.write(piece, at: done)
            sum.update(piece)
            done += Int64(piece.count)
            try progress(done)
        }
        guard isUnchanged else { throw FolderCopyError.changed }
        try target.sync()
        return sum
    }

    private func read(at offset: Int64, count: Int) throws(FolderError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            while got < 0 && errno == EINTR { got = pread(descriptor, buffer.baseAddress, count, off_t(offset)) }
            if got < 0 { failure = errno }
            filled = max(got, 0)
        }
        guard failure == 0 else { throw .unreadable(failure) }
        return bytes
    }

    private static func facts(_ descriptor: Int32) -> stat? {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? facts : nil
    }

    private static func identity(_ facts: stat) -> String {
        "\(facts.st_dev)-\(facts.st_ino)-\(facts.st_size)-\(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec)"
            + "-\(facts.st_ctim.tv_sec).\(facts.st_ctim.tv_nsec)"
    }
}

/// Why a copy from the import folder ended.
package enum FolderCopyError: Error, Hashable, Sendable {
    /// The file was written to, or cut, while it was copied.
    case changed
    /// The whole disk of the storage holds no more than so many bytes.
    case tooLarge(limit: Int64)
}
