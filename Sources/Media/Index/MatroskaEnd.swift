import CLibAV
import Glibc

/// Whether a Matroska or WebM file stops inside a picture (RFC 9559): what is recorded live announces no length, and the
/// library gives nothing of a block that is cut.
enum MatroskaEnd {
    private static let cluster: UInt32 = 0x1F43_B675
    private static let blockGroup: UInt32 = 0xA0
    private static let block: UInt32 = 0xA1
    private static let simpleBlock: UInt32 = 0xA3
    /// Elements looked at behind the last packet: more than a recorder leaves there.
    private static let mostElements = 4096
    /// What may follow a block: the other members of its group and of its cluster, and what stands beside clusters.
    private static let known: Set<UInt32> = [
        cluster, blockGroup, block, simpleBlock, 0x9B, 0xFB, 0xFA, 0xA4, 0x75A1, 0x75A2, 0xE7, 0xA7, 0xAB, 0xEC, 0xBF, 0x1C53_BB6B,
        0x1254_C367, 0x114D_9B74, 0x1549_A966, 0x1654_AE6B, 0x1043_A770, 0x1941_A469,
    ]

    /// - Parameter position: where the block of the stream's last packet begins behind its head: with its track's number.
    static func cutsPicture(_ file: borrowing InputFile, after position: Int64) -> Bool {
        guard text(file.raw.pointee.iformat.pointee.name)?.contains("matroska") == true else { return false }
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return Walk(descriptor: descriptor, end: Int64(status.st_size)).cutsBlock(after: position)
    }

    private struct Walk {
        let descriptor: Int32
        let end: Int64

        /// An element's head.
        struct Element {
            let identifier: UInt32
            /// Where its content begins, and how many bytes that has; nil for an unknown number.
            let content: Int64
            let size: Int64?
        }

        func cutsBlock(after position: Int64) -> Bool {
            guard let track = number(at: position)?.value, var place = blockEnd(position) else { return false }
            for _ in 0..<MatroskaEnd.mostElements where place < end {
                guard let element = element(at: place), MatroskaEnd.known.contains(element.identifier) else { return false }
                switch element.identifier {
                case MatroskaEnd.cluster, MatroskaEnd.blockGroup: place = element.content
                case MatroskaEnd.block, MatroskaEnd.simpleBlock:
                    guard let size = element.size else { return false }
                    if element.content + size > end { return number(at: element.content)?.value == track }
                    place = element.content + size
                default:
                    guard let size = element.size else { return false }
                    place = element.content + size
                }
            }
            return false
        }

        /// Where a block ends whose content begins at `position`: its head is looked for in front of it.
        private func blockEnd(_ position: Int64) -> Int64? {
            for width in 1...8 {
                guard let element = element(at: position - Int64(width) - 1), element.content == position, let size = element.size,
                    element.identifier == MatroskaEnd.block || element.identifier == MatroskaEnd.simpleBlock
                else { continue }
                let next = position + size
                if next == end { return next }
                if next < end, let following = self.element(at: next), MatroskaEnd.known.contains(following.identifier) { return next }
            }
            return nil
        }

        private func element(at position: Int64) -> Element? {
            let head = bytes(at: position, 12)
            guard let first = head.first, first != 0 else { return nil }
            let width = first.leadingZeroBitCount + 1
            guard width <= 4, head.count > width else { return nil }
            let identifier = head[..<width].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard let size = number(at: position + Int64(width)) else { return nil }
            return Element(identifier: identifier, content: position + Int64(width + size.width), size: size.value)
        }

        /// As many bytes as there are leading zeros, and one more; all ones mean unknown.
        private func number(at position: Int64) -> (value: Int64?, width: Int)? {
            let head = bytes(at: position, 8)
            guard let first = head.first, first != 0 else { return nil }
            let width = first.leadingZeroBitCount + 1
            guard head.count >= width else { return nil }
            let mask = Int64(1) << Int64(7 * width) - 1
            let value = head[..<width].reduce(Int64(0)) { $0 << 8 | Int64($1) } & mask
            return (value == mask || value > 1 << 50 ? nil : value, width)
        }

        private func bytes(at position: Int64, _ count: Int) -> [UInt8] {
            guard position >= 0 else { return [] }
            return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = max(pread(descriptor, buffer.baseAddress, count, off_t(position)), 0)
            }
        }
    }
}
