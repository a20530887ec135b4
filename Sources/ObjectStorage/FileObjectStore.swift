import Glibc
package import Primitives

/// Objects as files under one root directory, named by their keys.
///
/// An object appears whole, by rename, and is never changed: readers see the old one or the new one. All calls block on
/// the disk, so they belong on a lane.
package struct FileObjectStore: Sendable {
    /// Absolute path.
    package let root: String

    /// Files that are no objects yet. `+` cannot occur in a key, so no object can be here; it lies on the same file system,
    /// so rename can publish from it.
    private var parts: String { root + "/+parts" }

    /// Makes the root where it is absent.
    package init(root: String) throws(ObjectStorageError) {
        guard root.hasPrefix("/"), root.utf8.count > 1 else { throw .invalidRoot(root) }
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
        try Directories.make(self.root + "/+parts")
    }

    /// Where the object is or would be, for reading by `sendfile` or a library that opens files by name.
    package func path(of key: ObjectKey) -> String { root + "/" + key.description }

    /// Bytes of the object; nil when there is none.
    package func size(of key: ObjectKey) throws(ObjectStorageError) -> Int64? {
        var facts = stat()
        guard stat(path(of: key), &facts) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last("stat", path(of: key))
        }
        return facts.st_mode & S_IFMT == S_IFREG ? Int64(facts.st_size) : nil
    }

    package func exists(_ key: ObjectKey) throws(ObjectStorageError) -> Bool { try size(of: key) != nil }

    /// Up to `count` bytes from `offset` on; fewer at the end of the object. Throws `.notFound`.
    package func read(_ key: ObjectKey, at offset: Int64 = 0, count: Int = .max) throws(ObjectStorageError) -> [UInt8] {
        let path = path(of: key)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .notFound(key) }
            throw .last("open", path)
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .last("fstat", path) }
        let wanted = Int(min(Int64(count), max(0, Int64(facts.st_size) - offset)))
        var failure: ObjectStorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted, let start = buffer.baseAddress {
                let got = pread(descriptor, start + filled, wanted - filled, off_t(offset) + off_t(filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = .last("pread", path) }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Stores bytes as an object, in place of one that was there. Throws `.diskFull`.
    package func put(_ bytes: [UInt8], at key: ObjectKey) throws(ObjectStorageError) {
        let part = try makePart()
        try part.write(bytes)
        try part.publish(as: key)
    }

    /// A new private file to write an object into.
    package func makePart() throws(ObjectStorageError) -> PartFile {
        try PartFile(store: self, path: parts + "/" + PartFile.randomName())
    }

    /// Where an object that arrives in pieces is collected: always the same path for a key, so that a later process finds
    /// what an earlier one left. Keys of more than one part, as all are that objects are collected for, put a `~` into the name,
    /// which tells it from a part file's.
    package func collectionPath(for key: ObjectKey) -> String {
        parts + "/" + String(key.description.map { $0 == "/" ? "~" : $0 })
    }

    /// Bytes of what was collected for an object so far; 0 when there is nothing.
    package func collectedSize(of key: ObjectKey) throws(ObjectStorageError) -> Int64 {
        let path = collectionPath(for: key)
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return 0 }
            throw .last("stat", path)
        }
        return Int64(facts.st_size)
    }

    /// Makes the collected file the object `key`. The writer has synced it. Returns the object's size in bytes.
    @discardableResult
    package func publishCollected(as key: ObjectKey) throws(ObjectStorageError) -> Int64 {
        try publish(file: collectionPath(for: key), as: key)
        guard let size = try size(of: key) else { throw .notFound(key) }
        return size
    }

    /// Removes the object, and the directories that become empty; nothing happens when there is none.
    package func delete(_ key: ObjectKey) throws(ObjectStorageError) {
        guard unlink(path(of: key)) == 0 || errno == ENOENT || errno == ENOTDIR else { throw .last("unlink", path(of: key)) }
        removeEmptyDirectories(above: path(of: key))
    }

    /// Removes the object `prefix` and all objects below it, and what was being collected for them; returns how many
    /// files there were.
    @discardableResult
    package func deletePrefix(_ prefix: ObjectKey) throws(ObjectStorageError) -> Int {
        var removed = try Directories.remove(path(of: prefix))
        removeEmptyDirectories(above: path(of: prefix))
        let collected = collectionPath(for: prefix)
        for entry in try Directories.entries(of: parts) {
            let path = parts + "/" + entry.name
            if path == collected || path.hasPrefix(collected + "~") { removed += try Directories.remove(path) }
        }
        return removed
    }

    /// Objects below `prefix`, by key, with their sizes in bytes.
    package func list(below prefix: ObjectKey) throws(ObjectStorageError) -> [(key: ObjectKey, size: Int64)] {
        var found: [(key: ObjectKey, size: Int64)] = []
        for entry in try Directories.entries(of: path(of: prefix)) {
            guard let key = prefix.appending(entry.name) else { continue }
            if entry.isDirectory { found += try list(below: key) } else { found.append((key, entry.size)) }
        }
        return found
    }

    /// Removes part files that writers left behind when they were killed: nobody has written to them since `limit` (seconds since
    /// 1970), and nobody holds them. What is being collected stays, however old it is: its import can begin again, and it goes with
    /// the prefix of its object.
    ///
    /// One file that cannot be removed keeps no other; the first such failure is thrown after the last file.
    ///
    /// - Returns: how many files were removed.
    @discardableResult
    package func sweepParts(notTouchedSince limit: Int) throws(ObjectStorageError) -> Int {
        var removed = 0
        var failure: ObjectStorageError?
        for entry in try Directories.entries(of: parts)
        where entry.modifiedAt < limit && !entry.isDirectory && PartFile.isRandomName(entry.name) {
            do throws(ObjectStorageError) {
                if try PartFile.removeUnheld(parts + "/" + entry.name) { removed += 1 }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return removed
    }

    /// Gives back the room that writers who were killed had set aside for files that are being collected: nobody has written to them
    /// since `limit` (seconds since 1970), and nobody holds them. What they hold so far stays.
    ///
    /// One file that cannot be looked after keeps no other; the first such failure is thrown after the last file.
    ///
    /// - Returns: how many files had any.
    @discardableResult
    package func releaseRoom(notTouchedSince limit: Int) throws(ObjectStorageError) -> Int {
        var released = 0
        var failure: ObjectStorageError?
        for entry in try Directories.entries(of: parts)
        where entry.modifiedAt < limit && !entry.isDirectory && !PartFile.isRandomName(entry.name) {
            do throws(ObjectStorageError) {
                if try CollectedFile.releaseRoom(parts + "/" + entry.name) { released += 1 }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return released
    }

    /// Bytes that may still be written to the file system of the root.
    package func freeBytes() throws(ObjectStorageError) -> Int64 {
        var facts = statvfs()
        guard statvfs(root, &facts) == 0 else { throw .last("statvfs", root) }
        return Int64(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
    }

    /// Bytes of the whole file system of the root; nil where it does not tell.
    package func capacity() throws(ObjectStorageError) -> Int64? {
        var facts = statvfs()
        guard statvfs(root, &facts) == 0 else { throw .last("statvfs", root) }
        return facts.f_blocks > 0 ? Int64(clamping: UInt64(facts.f_blocks) * UInt64(facts.f_frsize)) : nil
    }

    /// Renames a synced file to the place of an object, durably.
    func publish(file: String, as key: ObjectKey) throws(ObjectStorageError) {
        let target = path(of: key)
        guard let directory = Directories.parent(of: target) else { throw .invalidRoot(root) }
        // A sweep may remove an empty directory between the two calls; then it is made once more.
        for attempt in 1...3 {
            try Directories.make(directory)
            if rename(file, target) == 0 { break }
            guard errno == ENOENT, attempt < 3, access(file, F_OK) == 0 else { throw .last("rename", target) }
        }
        try Directories.sync(directory)
    }

    private func removeEmptyDirectories(above path: String) {
        var directory = Directories.parent(of: path)
        while let current = directory, current.utf8.count > root.utf8.count, rmdir(current) == 0 {
            directory = Directories.parent(of: current)
        }
    }
}
