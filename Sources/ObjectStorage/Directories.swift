import Glibc

/// Making, syncing, reading and removing directories.
package enum Directories {
    /// Makes a directory and those above it.
    package static func make(_ path: String) throws(ObjectStorageError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let parent = parent(of: path) else { throw .last("mkdir", path) }
        try make(parent)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("mkdir", path) }
    }

    /// The path without its last part; nil at the top.
    package static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    /// Makes the names in a directory durable.
    package static func sync(_ path: String) throws(ObjectStorageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    }

    /// One name in a directory. Links are neither files nor directories here, and are not followed.
    package struct Entry {
        package let name: String
        package let isDirectory: Bool
        package let size: Int64
        /// Seconds since 1970.
        package let modifiedAt: Int
    }

    /// What is in a directory, by name; nothing when there is none.
    package static func entries(of path: String) throws(ObjectStorageError) -> [Entry] {
        guard let stream = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw .last("opendir", path)
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var facts = stat()
            guard lstat(path + "/" + name, &facts) == 0 else {
                if errno == ENOENT { continue }  // removed meanwhile
                throw .last("lstat", path + "/" + name)
            }
            entries.append(
                Entry(
                    name: name, isDirectory: facts.st_mode & S_IFMT == S_IFDIR, size: Int64(facts.st_size),
                    modifiedAt: facts.st_mtim.tv_sec))
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// Removes a file, or a directory with all that is in it; returns how many files there were.
    package static func remove(_ path: String) throws(ObjectStorageError) -> Int {
        if unlink(path) == 0 { return 1 }
        guard errno != ENOENT && errno != ENOTDIR else { return 0 }
        guard errno == EISDIR || errno == EPERM else { throw .last("unlink", path) }
        var removed = 0
        for entry in try entries(of: path) { removed += try remove(path + "/" + entry.name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw .last("rmdir", path) }
        return removed
    }
}
