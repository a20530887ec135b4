import Glibc
package import Primitives

/// Why an object could not be stored, read or removed.
package enum ObjectStorageError: Error, Equatable, Sendable {
    case notFound(ObjectKey)
    /// The disk, or the quota on it, has no room left; nothing half-written stays.
    case diskFull(path: String)
    /// The root is not an absolute path.
    case invalidRoot(String)
    /// A system call refused for another reason.
    case failed(operation: String, path: String, errno: Int32)

    /// The error of the system call that has just failed; `errno` is read before anything can disturb it.
    package static func last(_ operation: StaticString, _ path: String) -> ObjectStorageError {
        let code = errno
        return code == ENOSPC || code == EDQUOT ? .diskFull(path: path) : .failed(operation: "\(operation)", path: path, errno: code)
    }
}
