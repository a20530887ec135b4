import Glibc

/// How many bytes a file says it has, in its own first bytes: less on the disk means that its end is missing.
enum AnnouncedSize {
    /// What the file says and has, in bytes; nil when it does not say.
    static func sizes(of path: String) -> (announced: Int64, actual: Int64)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let head = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
            filled = max(pread(descriptor, buffer.baseAddress, buffer.count, 0), 0)
        }
        return (matroska(head) ?? riff(head)).map { ($0, Int64(status.st_size)) }
    }

    /// RIFF: size of everything behind the first eight bytes. Files above 1 GB continue in further chunks.
    private static func riff(_ head: [UInt8]) -> Int64? {
        guard head.count >= 12, head.starts(with: Array("RIFF".utf8)) else { return nil }
        let size = head[4..<8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        // Recorders that never came to their end leave these.
        return size == 0 || size >= 0x7FFF_FFFF ? nil : size + 8
    }

    /// RFC 8794: the EBML header, then the segment that is the rest of the file.
    private static func matroska(_ head: [UInt8]) -> Int64? {
        guard head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]), let header = variableSize(head, at: 4), let length = header.value else {
            return nil
        }
        let segment = 4 + header.width + Int(clamping: length)
        guard segment + 4 <= head.count, Array(head[segment..<segment + 4]) == [0x18, 0x53, 0x80, 0x67],
            let size = variableSize(head, at: segment + 4), let value = size.value
        else { return nil }
        return Int64(segment + 4 + size.width) + value
    }

    /// An element's size: as many bytes as there are leading zeros, and one more. All ones mean unknown.
    private static func variableSize(_ bytes: [UInt8], at position: Int) -> (value: Int64?, width: Int)? {
        guard position < bytes.count, bytes[position] != 0 else { return nil }
        let width = bytes[position].leadingZeroBitCount + 1
        guard position + width <= bytes.count else { return nil }
        let mask = Int64(1) << Int64(7 * width) - 1
        let value = bytes[position..<position + width].reduce(Int64(0)) { $0 << 8 | Int64($1) } & mask
        return (value == mask || value > 1 << 50 ? nil : value, width)
    }
}
