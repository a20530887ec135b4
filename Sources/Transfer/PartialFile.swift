import Glibc
import HTTP
import Primitives

/// Owner of the file that pieces are written into, at its full size from the start. Locked: one run at a time.
///
/// Writing at different places from several threads is what `pwrite` is for, so the owner is shared.
final class PartialFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens or makes the file and takes its lock, which the kernel drops even when the process is killed.
    init(path: String) throws(TransferError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        self.path = path
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, code: errno) }
        // From here on a throw runs `deinit`, which closes the file: closing it here as well would close a stranger's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? .inProgress : .file(operation: "flock", path: path, code: errno)
        }
        // The run that held the lock may just have given the file its final name: what has that must not be written to.
        var (opened, named) = (stat(), stat())
        guard fstat(descriptor, &opened) == 0 else { throw error("fstat") }
        guard stat(path, &named) == 0, named.st_dev == opened.st_dev, named.st_ino == opened.st_ino else { throw .inProgress }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Gives the lock back. Closing would do it too, but a process that is just being started may hold a copy of the descriptor
    /// for a moment, and the last reference to this owner may go later than the run that is over.
    func unlock() { flock(descriptor, LOCK_UN) }

    /// Bytes; 0 for a file that was just made.
    func size() throws(TransferError) -> Int {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw error("fstat") }
        return Int(facts.st_size)
    }

    /// Gives the file its size and its room on the disk, so that a full disk is found before the copy. What does not fit takes nothing
    /// of the room that is left: others may need less, and this copy may wait for long. What would not fit on the whole disk, empty, does
    /// not wait: `.tooLarge`.
    func allocate(_ size: Int) throws(TransferError) {
        var (facts, system) = (stat(), statvfs())
        guard fstat(descriptor, &facts) == 0, fstatvfs(descriptor, &system) == 0 else { throw error("fstat") }
        let capacity = Int64(clamping: UInt64(system.f_blocks) * UInt64(system.f_frsize))
        // Some file systems in user space do not tell.
        guard capacity == 0 || size <= capacity else { throw .tooLarge(bytes: size, limit: Int(capacity)) }
        // Blocks of 512 bytes, whatever the file system's own are.
        let missing = Int64(size) - Int64(facts.st_blocks) * 512
        let free = Int64(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        guard capacity == 0 || missing <= free else { throw .diskFull(path: path) }
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw error("ftruncate") }
        let code = posix_fallocate(descriptor, 0, off_t(size))
        if code == ENOSPC || code == EDQUOT {
            // Others were faster, or it is the quota: back go the blocks that were found.
            ftruncate(descriptor, min(facts.st_size, off_t(size)))
            throw .diskFull(path: path)
        }
        guard code == 0 || code == EOPNOTSUPP || code == EINVAL else { throw .file(operation: "posix_fallocate", path: path, code: code) }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(TransferError) {
        let code: Int32 = bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = pwrite(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                done += count
            }
            return 0
        }
        if code == ENOSPC || code == EDQUOT { throw .diskFull(path: path) }
        guard code == 0 else { throw .file(operation: "pwrite", path: path, code: code) }
    }

    /// CRC-32C of a part of the file; nil when the file ends before it does.
    func checksum(of range: ByteRange) throws(TransferError) -> CRC32C? {
        try Self.checksum(of: range, in: descriptor, path: path)
    }

    /// CRC-32C of a part of any open file; nil when the file ends before it does.
    static func checksum(of range: ByteRange, in descriptor: Int32, path: String) throws(TransferError) -> CRC32C? {
        var crc = CRC32C()
        var buffer = [UInt8](repeating: 0, count: min(max(range.length, 1), 1 << 20))
        var done = 0
        while done < range.length {
            let count = pread(descriptor, &buffer, min(buffer.count, range.length - done), off_t(range.offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .file(operation: "pread", path: path, code: errno) }
            guard count > 0 else { return nil }
            crc.update(buffer.span.bytes.extracting(0..<count))
            done += count
        }
        return crc
    }

    /// Waits until what was written survives a power cut.
    func synchronize() throws(TransferError) {
        guard fdatasync(descriptor) == 0 else { throw error("fdatasync") }
    }

    /// Gives the complete file its final name, durably.
    func publish(as destination: String) throws(TransferError) {
        guard fsync(descriptor) == 0 else { throw error("fsync") }
        guard rename(path, destination) == 0 else { throw error("rename") }
        try Self.synchronizeDirectory(of: destination)
    }

    /// Removes the file, which nobody needs; the lock is held until `unlock`.
    func discard() throws(TransferError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw error("unlink") }
    }

    static func synchronizeDirectory(of path: String) throws(TransferError) {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .file(operation: "open", path: parent, code: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw .file(operation: "fsync", path: parent, code: errno) }
    }

    private func error(_ operation: String) -> TransferError {
        errno == ENOSPC || errno == EDQUOT ? .diskFull(path: path) : .file(operation: operation, path: path, code: errno)
    }
}
