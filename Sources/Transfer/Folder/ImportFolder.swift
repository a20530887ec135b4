import Glibc

/// The operator's folder that imports may read from: below it one folder for each team, named by the team's id in lower case.
///
/// Every name of a path is opened by itself, relative to the folder before it and never through a symbolic link, so that no
/// path and no race leads out. Nothing is ever written, moved or removed. All calls block on the disk: they belong on a lane.
package struct ImportFolder: Hashable, Sendable {
    private let path: String

    /// - Parameter path: absolute; it need not exist yet.
    package init(path: String) { self.path = path }

    /// Something in a folder.
    package struct Entry: Hashable, Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            case file = "FILE"
            case folder = "FOLDER"
        }

        package let path: FolderPath
        package let kind: Kind
        /// Bytes; nil for folders.
        package let size: Int64?
        /// Seconds since 1970.
        package let modified: Double
    }

    /// Opens a regular file.
    ///
    /// - Parameter team: the team's id.
    package func file(_ file: FolderPath, team: String) throws(FolderError) -> FolderFile {
        let folder = try descend(file.names.dropLast(), team: team)
        defer { close(folder) }
        // Without O_NONBLOCK a pipe would wait for its writer.
        let descriptor = openat(folder, file.last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(errno) }
        return try FolderFile(descriptor)
    }

    /// Files and folders of a folder, by name. What cannot be imported is not listed: links, pipes and devices, names that
    /// are no UTF-8, hold control characters or begin with a dot. The folder of a team that has none is empty.
    ///
    /// - Parameter folder: nil for the team's own.
    package func entries(of folder: FolderPath?, team: String) throws(FolderError) -> [Entry] {
        let descriptor: Int32
        do throws(FolderError) {
            descriptor = try descend((folder?.names ?? [])[...], team: team)
        } catch {
            if folder == nil, error == .notFound { return [] }
            throw error
        }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            throw Self.error(errno)
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let found = readdir(stream) {
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) {
                    String(validatingCString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
            }
            guard let name, FolderPath.isPlain(name), let entry = Self.entry(name, in: descriptor, of: folder) else { continue }
            entries.append(entry)
        }
        return entries.sorted { $0.path.last < $1.path.last }
    }

    private static func entry(_ name: String, in folder: Int32, of path: FolderPath?) -> Entry? {
        var facts = stat()
        guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0, let place = path?.appending(name) ?? FolderPath(name),
            FolderPath.length.contains(place.description.unicodeScalars.count)
        else { return nil }
        let modified = Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9
        return switch facts.st_mode & S_IFMT {
        case S_IFREG: Entry(path: place, kind: .file, size: Int64(facts.st_size), modified: modified)
        case S_IFDIR: Entry(path: place, kind: .folder, size: nil, modified: modified)
        default: nil
        }
    }

    /// Opens the folder at the end of `names` below the team's.
    private func descend(_ names: ArraySlice<String>, team: String) throws(FolderError) -> Int32 {
        var folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .unreadable(errno) }
        for name in [team] + names {
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(folder)
            guard next >= 0 else { throw Self.error(code) }
            folder = next
        }
        return folder
    }

    private static func error(_ code: Int32) -> FolderError {
        switch code {
        case ENOENT, ENOTDIR, ENAMETOOLONG: .notFound
        case ELOOP: .notAFile
        case ENXIO: .notAFile
        default: .unreadable(code)
        }
    }
}

/// Why something of the import folder cannot be had.
package enum FolderError: Error, Hashable, Sendable {
    case notFound
    /// A link, a folder, a pipe, a device.
    case notAFile
    /// `errno`.
    case unreadable(Int32)
}
