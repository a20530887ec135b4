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

    /// MPEG-2 in field pictures (ISO/IEC 13818-2 6.2, Main profile, intra alone, every block flat): the top field of frame n is gray
    /// 40 + 4n, the bottom field 140 + 4n.
    static func mpegFieldPictures(frames: Int, width: Int, height: Int, topFirst: Bool) -> Data {
        func section(_ code: UInt8, _ values: [(bits: Int, value: Int)]) -> Data {
            var writer = BitWriter()
            for item in values { writer.bits(item.bits, item.value) }
            return Data([0, 0, 1, code]) + writer.bytes
        }
        var stream = section(0xB3, [(12, width), (12, height), (4, 1), (4, 3), (18, 20_000), (1, 1), (10, 112), (3, 0)])
        stream += section(0xB5, [(4, 1), (8, 0x48), (1, 0), (2, 1), (4, 0), (12, 0), (1, 1), (8, 0), (8, 0)])
        stream += section(0xB8, [(12, 0), (1, 1), (12, 0), (2, 2)])
        for frame in 0..<frames {
            for isBottom in [!topFirst, topFirst] {
                stream += section(0x00, [(10, frame), (3, 1), (16, 0xFFFF), (1, 0)])
                stream += section(0xB5, [(4, 8), (16, 0xFFFF), (2, 0), (2, isBottom ? 2 : 1), (10, 0)])
                let gray = (isBottom ? 140 : 40) + 4 * frame
                for row in 0..<height / 32 {
                    var slice = BitWriter()
                    slice.bits(5, 1)
                    slice.bits(1, 0)
                    for column in 0..<width / 16 {
                        slice.bits(2, 0b11)
                        for block in 0..<6 {
                            // Differences of DC coefficients: the first of a slice from 128, the others none.
                            if column == 0, block == 0 {
                                difference(gray - 128, into: &slice)
                            } else {
                                slice.bits(block < 4 ? 3 : 2, block < 4 ? 0b100 : 0)
                            }
                            slice.bits(2, 0b10)
                        }
                    }
                    stream += Data([0, 0, 1, UInt8(row + 1)]) + slice.bytes
                }
            }
        }
        return stream + Data([0, 0, 1, 0xB7])
    }

    /// A difference of luma DC coefficients (ISO/IEC 13818-2 Table B.12).
    private static func difference(_ value: Int, into slice: inout BitWriter) {
        let size = Int.bitWidth - abs(value).leadingZeroBitCount
        let (length, code) = [(3, 0b100), (2, 0b00), (2, 0b01), (3, 0b101), (3, 0b110), (4, 0b1110), (5, 0b11110), (6, 0b111110)][size]
        slice.bits(length, code)
        if size > 0 { slice.bits(size, value > 0 ? value : value + 1 << size - 1) }
    }

    /// Puts HDR10+ (SMPTE ST 2094-40 in ITU-T T.35, one window) in front of each picture of an H.265 stream with one slice a picture.
    static func dynamicMetadata(_ stream: Data) -> Data {
        var message = BitWriter()
        for value in [0xB5, 0, 0x3C, 0, 1, 4, 1] { message.bits(8, value) }  // United States, Samsung, application 4 version 1
        message.bits(2, 1)
        message.bits(27, 400)
        message.bits(1, 0)
        for level in [60_000, 50_000, 40_000, 20_000] { message.bits(17, level) }  // largest R, G, B; mean of the largest
        message.bits(4, 0)
        message.bits(10, 5)
        for _ in 0..<3 { message.bits(1, 0) }
        message.align()
        let information = unit(0x4E, [1, 4, UInt8(message.bytes.count)] + message.bytes + [0x80])
        let bytes = [UInt8](stream)
        let positions = starts(bytes)
        var result = Data(bytes[..<(positions.first ?? 0)])
        for (number, start) in positions.enumerated() {
            if bytes[start + 3] >> 1 & 0x3F < 32 { result += information }
            result += bytes[start..<(number + 1 < positions.count ? positions[number + 1] : bytes.count)]
        }
        return result
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

    /// Says of the pictures of an MPEG-2 stream from a number on, in the order they are stored, that their bottom field is the first.
    static func bottomFirst(_ stream: Data, from first: Int) -> Data {
        var bytes = [UInt8](stream)
        var number = 0
        for start in starts(bytes) where bytes[start + 3] == 0xB5 && bytes[start + 4] >> 4 == 8 {
            if number >= first { bytes[start + 7] &= 0x7F }
            number += 1
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
