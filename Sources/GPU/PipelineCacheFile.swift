import FoundationEssentials
import Primitives

/// The driver's pipeline cache on disk, behind a header of our own: drivers trust their bytes, so they are given only
/// what was written whole, for the same device and driver.
///
/// Layout: `RMPC`, format version 1, 16 bytes of cache identity, CRC-32C of the data, length of the data, data. Numbers
/// are 32-bit little endian.
struct PipelineCacheFile {
    let path: String
    /// The device's `pipelineCacheUUID`, 16 bytes.
    let identity: [UInt8]

    private static let magic = Array("RMPC".utf8) + [1, 0, 0, 0]
    /// More than any driver's cache of a few hundred kernels.
    private static let maximumBytes = 256 << 20

    /// The driver's data; empty when there is no file, or it is damaged, or made by another driver.
    func load() -> [UInt8] {
        guard let file = FileManager.default.contents(atPath: path), file.count <= Self.maximumBytes else { return [] }
        let bytes = Array(file)
        let header = Self.magic.count + identity.count + 8
        guard bytes.count >= header, bytes.starts(with: Self.magic + identity) else { return [] }
        let data = Array(bytes[header...])
        let place = Self.magic.count + identity.count
        guard Self.word(bytes, at: place) == Self.checksum(data), Int(Self.word(bytes, at: place + 4)) == data.count else { return [] }
        return data
    }

    /// Writes the data in place of the old file at once, so that a reader sees the one or the other.
    func save(_ data: [UInt8]) throws(GPUError) {
        guard data.count <= Self.maximumBytes else { return }
        var bytes = Self.magic + identity
        for word in [Self.checksum(data), UInt32(data.count)] {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes += data
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            let code = (error as? CocoaError)?.code.rawValue ?? 0
            throw .cacheUnwritable(path: path, errorNumber: Int32(clamping: code))
        }
    }

    private static func checksum(_ data: [UInt8]) -> UInt32 {
        var crc = CRC32C()
        crc.update(data.span.bytes)
        return crc.value
    }

    private static func word(_ bytes: [UInt8], at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }
}
