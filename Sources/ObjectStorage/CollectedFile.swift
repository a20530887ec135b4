import CAllocation
import Glibc
package import Primitives

/// A file that arrives in pieces over several requests, held by one writer at a time.
///
/// All calls block on the disk: they belong on a lane.
package final class CollectedFile: Sendable {
    /// Another writer holds the file.
    package struct Busy: Error {}

    private let path: String
    private let descriptor: Int32

    /// Opens the file that is collected for `key`, or makes it. Throws `Busy`.
    package init(for key: ObjectKey, in store: FileObjectStore) throws {
        path = store.collectionPath(for: key)
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw ObjectStorageError.last("open", path) }
        // The lock goes with the descriptor, also when the process dies.
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw Busy()
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Bytes so far.
    package func size() throws(ObjectStorageError) -> Int64 {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .last("fstat", path) }
        return Int64(facts.st_size)
    }

    /// Takes the room that the file needs to have `size` bytes, before the first of them is written: two that each fit alone would
    /// fill the disk together and wait for each other. Its size stays, which says how far it has come. Throws `.diskFull`, and takes
    /// nothing then. File systems that cannot set room aside are only asked how much there is.
    package func reserve(_ size: Int64) throws(ObjectStorageError) {
        let held = try self.size()
        guard size > held else { return }
        let disk = try disk()
        let free = Int64(clamping: UInt64(disk.f_bavail) * UInt64(disk.f_frsize))
        guard disk.f_blocks == 0 || size - held <= free else { throw .diskFull(path: path) }
        switch remaster_set_room_aside(descriptor, held, size - held) {
        case 0, EOPNOTSUPP, ENOSYS, EINVAL: return
        case ENOSPC, EDQUOT:
            // Others were faster, or it is the quota: back go the blocks that were found.
            try truncate(to: held)
            throw .diskFull(path: path)
        case let code: throw .failed(operation: "fallocate", path: path, errno: code)
        }
    }

    /// Bytes of the whole disk that the file is on: a larger one fits there at no time. Nil where the file system does not tell.
    package func capacity() throws(ObjectStorageError) -> Int64? {
        let disk = try disk()
        return disk.f_blocks > 0 ? Int64(clamping: UInt64(disk.f_blocks) * UInt64(disk.f_frsize)) : nil
    }

    private func disk() throws(ObjectStorageError) -> statvfs {
        var facts = statvfs()
        guard fstatvfs(descriptor, &facts) == 0 else { throw .last("fstatvfs", path) }
        return facts
    }

    /// Writes at `offset`. Throws `.diskFull`.
    package func write(_ bytes: [UInt8], at offset: Int64) throws(ObjectStorageError) {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(ObjectStorageError) in
            var (rest, place) = (UnsafeRawBufferPointer(buffer), off_t(offset))
            while let start = rest.baseAddress, !rest.isEmpty {
                let written = pwrite(descriptor, start, rest.count, place)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw .last("pwrite", path) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                place += off_t(written)
            }
        }
    }

    /// At most `count` bytes from `offset` on; none at the end.
    package func read(at offset: Int64, count: Int) throws(ObjectStorageError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            while got < 0 && errno == EINTR { got = pread(descriptor, buffer.baseAddress, count, off_t(offset)) }
            failed = got < 0
            filled = max(got, 0)
        }
        guard !failed else { throw .last("pread", path) }
        return bytes
    }

    /// Makes this file share the bytes of another, as file systems with copy on write can; false where this one cannot.
    package func clone(_ source: Int32) -> Bool { ioctl(descriptor, Self.cloneRequest, source) == 0 }

    /// `FICLONE` of linux/fs.h.
    private static let cloneRequest: UInt = 0x4004_9409

    /// Takes back what was written from `size` on.
    package func truncate(to size: Int64) throws(ObjectStorageError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .last("ftruncate", path) }
    }

    /// Less than this beyond a file's end is left there, bytes: file systems count blocks of their own with a file's.
    private static let negligible: Int64 = 1 << 20

    /// Gives back the room beyond the end of a file that a writer set aside who was killed, unless another holds the file, in whatever
    /// process; whether there was any.
    static func releaseRoom(_ path: String) throws(ObjectStorageError) -> Bool {
        let opened = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard opened >= 0 else {
            if errno == ENOENT { return false }  // published or given up meanwhile
            throw .last("open", path)
        }
        defer { close(opened) }
        func facts() throws(ObjectStorageError) -> (size: Int64, held: Int64) {
            var facts = stat()
            guard fstat(opened, &facts) == 0 else { throw .last("fstat", path) }
            // Blocks of 512 bytes, whatever the file system's own are.
            return (Int64(facts.st_size), Int64(facts.st_blocks) * 512)
        }
        // Only a file that has too much is locked: a writer may come for it at any time.
        let seen = try facts()
        guard seen.held - seen.size > negligible else { return false }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { return false }
            throw .last("flock", path)
        }
        let size = try facts().size
        guard ftruncate(opened, off_t(size)) == 0 else { throw .last("ftruncate", path) }
        return true
    }

    /// Returns when everything written would survive a power cut.
    package func sync() throws(ObjectStorageError) {
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    }
}
