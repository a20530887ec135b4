/// How the packets of an H.265 stream are divided into NAL units.
enum HEVCUnits {
    /// By lengths, as ISO files have them.
    case lengths(HEVCConfiguration)
    /// By start codes, as transport streams have them.
    case startCodes

    /// Nil for other codecs.
    init?(_ configuration: HEVCConfiguration?, codec: String) {
        if let configuration { self = .lengths(configuration) } else if codec == "hevc" { self = .startCodes } else { return nil }
    }

    /// Of each unit, header first.
    func ranges(in sample: UnsafeRawBufferPointer) -> [Range<Int>] {
        switch self {
        case .lengths(let configuration): configuration.units(in: sample)
        case .startCodes: Array(NALUnits(annexB: sample)).filter { !$0.isEmpty }
        }
    }
}

/// The decoder configuration record of H.265 in ISO files, `hvcC` (ISO/IEC 14496-15 8.3.2.1.2).
package struct HEVCConfiguration: Equatable {
    /// Bytes of the length before each NAL unit of a sample: 1, 2 or 4.
    package let lengthSize: Int
    /// NAL units that stand once for the whole stream, headers included.
    package let units: [[UInt8]]

    /// Nil for anything else.
    package init?(_ bytes: some Collection<UInt8>) {
        var reader = BigEndianReader(bytes)
        guard let version = reader.next(UInt8.self), version == 1, reader.skip(20) != nil, let sizes = reader.next(UInt8.self),
            let arrays = reader.next(UInt8.self)
        else { return nil }
        lengthSize = Int(sizes & 3) + 1
        let all = Array(bytes)
        var units: [[UInt8]] = []
        for _ in 0..<arrays {
            guard reader.skip(1) != nil, let count = reader.next(UInt16.self) else { return nil }
            for _ in 0..<count {
                guard let size = reader.next(UInt16.self) else { return nil }
                let start = reader.position
                guard reader.skip(Int(size)) != nil else { return nil }
                units.append(Array(all[start..<start + Int(size)]))
            }
        }
        self.units = units
    }

    /// Ranges of the NAL units of a sample; stops where a length does not fit.
    package func units(in sample: UnsafeRawBufferPointer) -> [Range<Int>] {
        var (ranges, position): ([Range<Int>], Int) = ([], 0)
        while position + lengthSize <= sample.count {
            let size = sample[position..<position + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            position += lengthSize
            guard size > 0, position + size <= sample.count else { break }
            ranges.append(position..<position + size)
            position += size
        }
        return ranges
    }
}
