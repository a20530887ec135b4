import Glibc
import HTTP
import Primitives

/// Owner of a copy that an earlier run finished, for reading it back.
final class FinishedFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens the file; nil where there is no regular file of this size, in bytes.
    init?(path: String, size: Int) throws(TransferError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .file(operation: "open", path: path, code: errno)
        }
        // From here on a failure runs `deinit`, which closes the file.
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .file(operation: "fstat", path: path, code: errno) }
        guard facts.st_mode & S_IFMT == S_IFREG, Int(facts.st_size) == size else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// CRC-32C of a part of the file; nil when the file ends before it does.
    func checksum(of range: ByteRange) throws(TransferError) -> CRC32C? {
        try PartialFile.checksum(of: range, in: descriptor, path: path)
    }
}
