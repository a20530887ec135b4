import Glibc

/// What keeps a whole storage from being written to, and not one object of it.
package enum StorageRefusal: Hashable, Sendable {
    /// No room is left on the disk, or within the quota on it.
    case full
    /// The file system takes no changes, as some do after an error of their disk.
    case readOnly
    /// The disk fails.
    case failing

    /// Calls that write. An error of the disk in others may be that of one object's place on it.
    private static let writing: Set<String> = [
        "write", "pwrite", "ftruncate", "posix_fallocate", "fallocate", "fsync", "fdatasync", "rename", "mkdir",
    ]

    /// Nil for an error that says something about the call, or its file.
    ///
    /// - Parameters:
    ///   - code: `errno`.
    ///   - operation: name of the system call; nil for a call that writes.
    package init?(errno code: Int32, of operation: String? = nil) {
        switch code {
        case ENOSPC, EDQUOT: self = .full
        case EROFS: self = .readOnly
        case EIO where operation.map { Self.writing.contains($0) } ?? true: self = .failing
        default: return nil
        }
    }

    /// What is wrong, for people.
    package var message: String {
        switch self {
        case .full: "The storage is full."
        case .readOnly: "The storage takes no changes: it is read-only."
        case .failing: "The storage fails: its disk reports errors."
        }
    }
}

extension ObjectStorageError {
    /// What keeps the storage from being written to, where that is the reason; else nil.
    package var refusal: StorageRefusal? {
        switch self {
        case .diskFull: .full
        case .failed(let operation, _, let code): StorageRefusal(errno: code, of: operation)
        case .notFound, .invalidRoot: nil
        }
    }
}
