/// Why a local run is refused before it begins; nothing has been written or removed then.
package enum LocalRunError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path leads to the source, by its name or through a link.
    case isSource(path: String)
    /// The path leads to something that no finished file may replace: a folder, a device, a pipe.
    case notRegular(path: String)
    /// Where the work folder would be lies something that no local run has made.
    case foreignWorkFolder(path: String)
    /// Another run to the same output holds the work folder.
    case workFolderInUse(path: String)

    /// What was found, and what to do.
    package var description: String {
        switch self {
        case .isSource(let path): "\(path) is the video to process itself; name another file to write."
        case .notRegular(let path): "\(path) exists and is no regular file; name a file to write."
        case .foreignWorkFolder(let path):
            "\(path) is where the work would be kept, and was not made by a run of this program; move it away, or name another output."
        case .workFolderInUse(let path): "\(path) is in use: another run is writing the same output."
        }
    }
}
