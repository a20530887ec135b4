import Foundation
import Media

/// The folder beside an output in which a local run keeps what it has not finished. It is ours by the marker file in it, on which
/// the run that works there holds an exclusive `flock`; the kernel lets go of that when the process ends, however it ends.
final class WorkFolder: Sendable {
    let path: String
    private let marker: Int32

    private static let markerName = "remaster.lock"

    /// Makes the folder, with the folders above it, or takes one that a killed run has left, and empties it.
    ///
    /// - Parameter output: the file that the run is to write.
    /// - Throws: `LocalRunError` when it is somebody else's or in use, `MediaError.unwritable` when the system does not let it be made.
    init(beside output: String) throws {
        let path = output + ".remaster-work"
        try Self.make(path)
        self.path = path
        marker = try Self.openMarker(in: path)
        // From here on a throw runs `deinit`, which closes the marker.
        guard flock(marker, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            if code == EWOULDBLOCK { throw LocalRunError.workFolderInUse(path: path) }
            throw MediaError.unwritable(path: path, errno: code)
        }
        // The run that held the lock may just have removed the folder, which another may have made again.
        var status = stat()
        guard fstat(marker, &status) == 0, FileIdentity(Self.markerPath(in: path)) == FileIdentity(status) else {
            throw LocalRunError.workFolderInUse(path: path)
        }
        try empty()
    }

    deinit { close(marker) }

    /// Removes the folder, the marker last of what is in it: what is left of a removal cut short is still known as ours.
    func remove() throws {
        try empty()
        guard unlink(Self.markerPath(in: path)) == 0, rmdir(path) == 0 else { throw MediaError.unwritable(path: path, errno: errno) }
    }

    private func empty() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != Self.markerName {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    private static func markerPath(in folder: String) -> String { "\(folder)/\(markerName)" }

    private static func make(_ path: String) throws(MediaError) {
        guard mkdir(path, 0o777) != 0 else { return }
        var code = errno
        if code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try make(String(path[..<slash]))
            code = mkdir(path, 0o777) == 0 ? 0 : errno
        }
        guard code == 0 || code == EEXIST else { throw .unwritable(path: path, errno: code) }
    }

    /// Opens the marker of a folder that has one, and makes one in an empty folder.
    private static func openMarker(in folder: String) throws -> Int32 {
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw MediaError.unwritable(path: folder, errno: errno) }
        guard FileIdentity(status).isFolder else { throw LocalRunError.foreignWorkFolder(path: folder) }
        let file = markerPath(in: folder)
        let found = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        if found >= 0 { return found }
        guard errno == ENOENT else { throw MediaError.unwritable(path: file, errno: errno) }
        guard try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty else {
            throw LocalRunError.foreignWorkFolder(path: folder)
        }
        let made = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if made >= 0 { return made }
        // Another run was faster, with the marker or with the removal of the folder.
        if errno == EEXIST || errno == ENOENT { throw LocalRunError.workFolderInUse(path: folder) }
        throw MediaError.unwritable(path: file, errno: errno)
    }
}
