import Crypto
import Foundation
import Primitives

/// Size and checksums of one file, read once.
package struct FileDigest: Hashable, Sendable {
    package let byteCount: Int64
    /// Lower-case hexadecimal.
    package let sha256: String
    package let crc32c: UInt32

    /// Reads the file in pieces of 4 MiB. Blocks: call it on a lane.
    package static func compute(of path: String) throws -> FileDigest {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }  // opened for reading: closing cannot lose anything
        var hash = SHA256()
        var crc = CRC32C()
        var count: Int64 = 0
        while let piece = try file.read(upToCount: 4 << 20), !piece.isEmpty {
            hash.update(data: piece)
            crc.update(piece.bytes)
            count += Int64(piece.count)
        }
        let hex = hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return FileDigest(byteCount: count, sha256: hex.joined(), crc32c: crc.value)
    }
}
