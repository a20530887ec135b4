import Glibc

/// One box of an ISO base media file (ISO/IEC 14496-12 4.2), with what is inside.
package struct ISOBox {
    /// Four characters.
    package let type: String
    /// Bytes after size and type; empty for boxes that were divided into children.
    package let payload: ArraySlice<UInt8>
    /// Boxes inside, for the types that hold nothing else.
    package let children: [ISOBox]

    /// Boxes that hold nothing but boxes.
    private static let containers: Set<String> = ["moov", "trak", "mdia", "minf", "stbl", "edts", "dinf", "udta", "gmhd"]

    /// Fixed bytes before the boxes inside a sample entry: 8 common ones and 70 of a picture (8.5.2, 12.1.3).
    static let visualSampleEntrySize = 78

    /// The boxes in `bytes`; reading stops at the first one that does not fit.
    package static func parse(_ bytes: ArraySlice<UInt8>, depth: Int = 0) -> [ISOBox] {
        var boxes: [ISOBox] = []
        var rest = bytes
        while rest.count >= 8, depth < 16 {
            guard let header = Header(rest), header.size <= rest.count else { break }
            let payload = rest.dropFirst(header.headerSize).prefix(header.size - header.headerSize)
            if containers.contains(header.type) {
                boxes.append(ISOBox(type: header.type, payload: [], children: parse(payload, depth: depth + 1)))
            } else {
                boxes.append(ISOBox(type: header.type, payload: payload, children: []))
            }
            rest = rest.dropFirst(header.size)
        }
        return boxes
    }

    /// The first box of each type along a path.
    func first(_ path: String...) -> ISOBox? {
        var found: ISOBox? = self
        for type in path { found = found?.children.first { $0.type == type } }
        return found
    }

    func all(_ type: String) -> [ISOBox] { children.filter { $0.type == type } }

    /// Size and type.
    struct Header {
        let type: String
        let headerSize: Int
        /// With the header; a box that reaches to the end of the file has the size of what is left.
        let size: Int

        /// Nil when the bytes are no header, or the size is less than the header.
        init?(_ bytes: ArraySlice<UInt8>, available: Int? = nil) {
            var reader = BigEndianReader(bytes.prefix(16))
            guard let short = reader.next(UInt32.self), let code = reader.next(UInt32.self) else { return nil }
            type = tagName(code.byteSwapped)
            switch short {
            case 0: (headerSize, size) = (8, available ?? bytes.count)
            case 1:
                guard let long = reader.next(UInt64.self), let size = Int(exactly: long) else { return nil }
                (headerSize, self.size) = (16, size)
            default: (headerSize, size) = (8, Int(short))
            }
            guard size >= headerSize else { return nil }
        }
    }
}

/// The top level of an ISO file: where boxes are, and the whole of `moov`.
struct ISOFile {
    /// Types of the top-level boxes, in order.
    let order: [String]
    let movie: ISOBox?

    /// More than this is not read into memory.
    private static let largestMovie = 256 << 20

    init(path: String) throws(MediaError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        func read(_ count: Int, at offset: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = max(pread(descriptor, buffer.baseAddress, count, off_t(offset)), 0)
            }
        }
        let end = Int(status.st_size)
        var (order, movie, offset): ([String], ISOBox?, Int) = ([], nil, 0)
        while offset + 8 <= end, order.count < 1000 {
            guard let header = ISOBox.Header(read(16, at: offset)[...], available: end - offset), header.size <= end - offset else { break }
            order.append(header.type)
            if header.type == "moov", header.size <= Self.largestMovie {
                movie = ISOBox.parse(read(header.size, at: offset)[...]).first
            }
            offset += header.size
        }
        self.order = order
        self.movie = movie
    }
}
