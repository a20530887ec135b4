import Foundation

/// Which file a path leads to, links followed: two names of one file have equal device and inode.
package struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    package let isRegular: Bool
    package let isFolder: Bool

    /// Nil where the path leads to nothing, or to nothing that this process may look at.
    package init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// - Parameter status: of a file, as the system gave it.
    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
    }
}
