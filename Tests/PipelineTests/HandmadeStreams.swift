import Foundation

/// Streams that no encoder at hand makes, written bit by bit.
enum HandmadeStreams {
    /// H.264 in field pictures (ISO/IEC 14496-10 7.3, Main profile, all samples as they are):
    /// the top field of frame n is gray 40 + 4n, the bottom field 140 + 4n.
    static func fieldPictures(frames: Int, width: Int, height: Int, topFirst: Bool) -> Data {
        var sequence = BitWriter()
        sequence.bits(8, 77)  // Main profile
        sequence.bits(8, 0)
        sequence.bits(8, 30)
        for value in [0, 0, 0, 4, 1] { sequence.unsigned(value) }  // id, frame_num of 4 bits, order count type 0 of 8 bits, 1 reference
        sequence.bits(1, 0)
        sequence.unsigned(width / 16 - 1)
        sequence.unsigned(height / 32 - 1)
        for flag in [0, 0, 1, 0] { sequence.bits(1, flag) }  // fields, not by macroblock, direct_8x8, no cropping
        for flag in [1, 0, 0, 0, 0, 1] { sequence.bits(1, flag) }  // usability information: timing alone
        sequence.bits(32, 1)
        sequence.bits(32, 50)
        for flag in [1, 0, 0, 1, 0] { sequence.bits(1, flag) }
        sequence.end()
        var picture = BitWriter()
        picture.unsigned(0)
        picture.unsigned(0)
        for _ in 0..<2 { picture.bits(1, 0) }
        for _ in 0..<3 { picture.unsigned(0) }
        picture.bits(3, 0)
        for _ in 0..<3 { picture.unsigned(0) }
        for flag in [1, 0, 0] { picture.bits(1, flag) }  // deblocking is said in the slices
        picture.end()
        var stream = Data()
        for frame in 0..<frames {
            for (place, isBottom) in [!topFirst, topFirst].enumerated() {
                stream += unit(9, [0x10])
                if place == 0 { stream += unit(0x67, sequence.bytes) + unit(0x68, picture.bytes) }
                var slice = BitWriter()
                for value in [0, 7, 0] { slice.unsigned(value) }
                slice.bits(4, 0)
                slice.bits(1, 1)
                slice.bits(1, isBottom ? 1 : 0)
                if place == 0 { slice.unsigned(frame % 2) }
                slice.bits(8, place)
                slice.bits(place == 0 ? 2 : 1, 0)
                slice.unsigned(0)
                slice.unsigned(1)
                for _ in 0..<(width / 16) * (height / 32) {
                    slice.unsigned(25)
                    slice.align()
                    for _ in 0..<256 { slice.bits(8, (isBottom ? 140 : 40) + 4 * frame) }
                    for _ in 0..<128 { slice.bits(8, 128) }
                }
                slice.end()
                stream += unit(place == 0 ? 0x65 : 0x61, slice.bytes)
            }
        }
        return stream
    }

    /// Flags an MPEG-2 stream of 24000/1001 pictures a second, without reordering, as one of 30000/1001 whose decoder repeats
    /// fields (ISO/IEC 13818-2 6.3.10).
    static func pulldown(_ stream: Data) -> Data {
        var bytes = [UInt8](stream)
        var number = 0
        for start in starts(bytes) {
            switch (bytes[start + 3], bytes[start + 4] >> 4) {
            case (0xB3, _): bytes[start + 7] = bytes[start + 7] & 0xF0 | 4
            case (0xB5, 1): bytes[start + 5] &= ~0x08
            case (0xB5, 8):
                let (top, again): (UInt8, UInt8) = [(1, 1), (0, 0), (0, 1), (1, 0)][number % 4]
                bytes[start + 7] = bytes[start + 7] & 0x7D | top << 7 | again << 1
                bytes[start + 8] |= 0x80
                number += 1
            default: break
            }
        }
        return Data(bytes)
    }

    /// Puts a pair of CEA-608 bytes behind the header of each picture of an MPEG-2 stream (ATSC A/53 Part 4 6.2.3).
    static func captions(_ stream: Data) -> Data {
        let bytes = [UInt8](stream)
        let positions = starts(bytes)
        var result = Data(bytes[..<(positions.first ?? 0)])
        for (number, start) in positions.enumerated() {
            result += bytes[start..<(number + 1 < positions.count ? positions[number + 1] : bytes.count)]
            guard bytes[start + 3] == 0xB5, bytes[start + 4] >> 4 == 8 else { continue }
            result += [0, 0, 1, 0xB2] + Array("GA94".utf8) + [3, 0x41, 0xFF, 0xFC, 0x94, 0x20, 0xFF]
        }
        return result
    }

    /// Puts the record of Dolby Vision into the `hvc1` entry of a file whose index stands behind its pictures.
    static func dolbyVision(_ file: Data, profile: Int, compatibility: Int) -> Data {
        var bytes = [UInt8](file)
        guard let entry = Data(bytes).range(of: Data("hvc1".utf8)).map({ $0.lowerBound - 4 }) else { return file }
        var record: [UInt8] = [0, 0, 0, 32] + Array((profile < 8 ? "dvcC" : "dvvC").utf8)
        record += [1, 0, UInt8(profile << 1), 0b1101, UInt8(compatibility << 4)] + [UInt8](repeating: 0, count: 19)
        func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        let place = entry + word(entry)
        var position = 0
        while position + 8 <= bytes.count {
            let (size, type) = (word(position), String(decoding: bytes[position + 4..<position + 8], as: UTF8.self))
            guard size >= 8, position <= entry, entry < position + size else {
                position += max(size, 8)
                continue
            }
            for (index, shift) in [24, 16, 8, 0].enumerated() {
                bytes[position + index] = UInt8(truncatingIfNeeded: (size + record.count) >> shift)
            }
            if position == entry { break }
            position += type == "stsd" ? 16 : 8
        }
        bytes.insert(contentsOf: record, at: place)
        return Data(bytes)
    }

    /// Positions of the start codes.
    private static func starts(_ bytes: [UInt8]) -> [Int] {
        (0..<max(0, bytes.count - 8)).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
    }

    /// A unit with its start code; three bytes that would look like one are broken up.
    private static func unit(_ header: UInt8, _ payload: [UInt8]) -> Data {
        var data = Data([0, 0, 0, 1, header])
        var zeros = 0
        for byte in payload {
            if zeros >= 2, byte <= 3 {
                data.append(3)
                zeros = 0
            }
            data.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
        }
        return data
    }
}

/// Writes bits, the highest first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var used = 8

    mutating func bits(_ count: Int, _ value: Int) {
        for shift in (0..<count).reversed() {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(value >> shift & 1) << UInt8(7 - used)
            used += 1
        }
    }

    /// Exp-Golomb.
    mutating func unsigned(_ value: Int) {
        let length = Int.bitWidth - (value + 1).leadingZeroBitCount
        bits(length - 1, 0)
        bits(length, value + 1)
    }

    mutating func align() { used = 8 }

    mutating func end() {
        bits(1, 1)
        align()
    }
}
