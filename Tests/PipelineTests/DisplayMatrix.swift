import Foundation
import Testing

/// Writes a display matrix (a, b, c, d) into a file with one track.
func setDisplayMatrix(_ path: String, _ matrix: [Double], size: (Int, Int) = (96, 64)) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    let header = try #require(data.range(of: Data("tkhd".utf8)))
    func fixed(_ value: Double) -> UInt32 { UInt32(bitPattern: Int32((value * 65536).rounded())) }
    let (x, y) = (matrix[0] + matrix[2] < 0 ? size.0 : 0, matrix[1] + matrix[3] < 0 ? size.1 : 0)
    let words = [
        fixed(matrix[0]), fixed(matrix[1]), 0, fixed(matrix[2]), fixed(matrix[3]), 0, UInt32(x) << 16, UInt32(y) << 16, 0x4000_0000,
    ]
    let bytes = words.flatMap { value in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) } }
    // ISO/IEC 14496-12 8.3.2: the matrix stands 40 bytes behind the type.
    data.replaceSubrange(header.upperBound + 40..<header.upperBound + 76, with: bytes)
    try data.write(to: URL(fileURLWithPath: path))
}
