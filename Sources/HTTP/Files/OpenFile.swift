import Glibc

/// Unique owner of a readable file; shared read-only, closed with its last reference. Reading never moves a position.
package final class OpenFile: Sendable {
    let descriptor: Int32
    /// In bytes, when it was opened.
    package let size: Int
    /// Whole seconds since 1970-01-01 UTC.
    package let modifiedSeconds: Int
    /// Changes when the file is replaced or written: inode, size and time of modification in nanoseconds.
    package let fingerprint: String

    /// Opens a regular file.
    package init(path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileError(path: path, code: EINVAL)
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
        modifiedSeconds = status.st_mtim.tv_sec
        fingerprint =
            String(status.st_ino, radix: 16) + "-" + String(status.st_size, radix: 16) + "-"
            + String(status.st_mtim.tv_sec, radix: 16) + String(status.st_mtim.tv_nsec, radix: 16)
    }

    deinit { close(descriptor) }
}

/// A file that cannot be opened or is no regular file.
package struct FileError: Error, Hashable, CustomStringConvertible {
    package let path: String
    /// `errno`.
    package let code: Int32

    package var description: String { "\(path): \(String(cString: strerror(code)))" }
}
