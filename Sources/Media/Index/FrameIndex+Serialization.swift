import Primitives

/// The stored form: magic `RMFI`, version, fields and columns as variable-length integers (times as differences of
/// differences, so that an even stream costs one byte a frame), CRC-32C of all of it. Version 1 ends before the frames left out, version 2
/// before the changes of the headers.
extension FrameIndex {
    private static let magic: [UInt8] = Array("RMFI".utf8)
    private static let version: UInt8 = 3

    package func serialized() -> [UInt8] {
        var writer = VariableLengthWriter()
        writer.bytes = Self.magic + [Self.version, method.rawValue]
        writer.signed(timebase.numerator)
        writer.signed(timebase.denominator)
        writer.signed(Int64(streamIndex))
        writer.signed(endTime)
        writer.signed(videoBytes)
        writer.signed(Int64(packetCount))
        writer.signed(Int64(times.count))
        var (previous, step): (Int64, Int64) = (0, 0)
        for time in times {
            writer.signed(time &- previous &- step)
            step = time &- previous
            previous = time
        }
        for (frame, packet) in packets.enumerated() { writer.signed(Int64(packet) - Int64(frame)) }
        writer.signed(Int64(keys.count))
        var last: Int32 = 0
        for key in keys {
            writer.signed(Int64(key.packet - last))
            last = key.packet
            writer.optional(key.presentationTime)
            writer.optional(key.decodeTime)
            writer.signed(Int64(key.byteCount))
        }
        writer.signed(Int64(leftOut))
        writer.signed(Int64(changes.count))
        for change in changes { writer.signed(Int64(change.packet) * 2 + (change.restartsDecoder ? 1 : 0)) }
        var checksum = CRC32C()
        checksum.update(writer.bytes.span.bytes)
        for shift in [0, 8, 16, 24] { writer.bytes.append(UInt8(truncatingIfNeeded: checksum.value >> UInt32(shift))) }
        return writer.bytes
    }

    /// - Throws: `damagedObject` for anything but what `serialized` wrote; `unsupported` and `limitExceeded` for times that `scan`
    ///   refuses and earlier releases let pass.
    package init(serialized: some Collection<UInt8>) throws(MediaError) {
        let bytes = Array(serialized)
        guard bytes.count >= Self.magic.count, Array(bytes.prefix(Self.magic.count)) == Self.magic else {
            throw .damagedObject(.notThisKind)
        }
        guard bytes.count >= Self.magic.count + 6 else { throw .damagedObject(.cutShort) }
        let version = bytes[Self.magic.count]
        guard (1...Self.version).contains(version) else { throw .damagedObject(.unknownVersion) }
        let body = bytes.count - 4
        var checksum = CRC32C()
        checksum.update(bytes[..<body])
        let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[body + $1]) << UInt32(8 * $1) }
        guard stored == checksum.value else { throw .damagedObject(.checksumMismatch) }
        guard let method = Method(rawValue: bytes[Self.magic.count + 1]) else { throw .damagedObject(.malformed) }

        var reader = VariableLengthReader(bytes: bytes[..<body], position: Self.magic.count + 2)
        let (numerator, denominator) = (try reader.signed(), try reader.signed())
        let terms = 1...Int64(Int32.max)
        guard terms.contains(numerator), terms.contains(denominator) else { throw .damagedObject(.malformed) }
        let streamIndex = try reader.count(below: 1 << 20)
        let endTime = try reader.signed()
        let videoBytes = try reader.signed()
        let packetCount = try reader.count(below: Int(Int32.max))
        let count = try reader.count(below: body)
        var times: [Int64] = []
        times.reserveCapacity(count)
        var (previous, step): (Int64, Int64) = (0, 0)
        for index in 0..<count {
            let time = previous &+ step &+ (try reader.signed())
            guard index == 0 || time > previous else { throw .damagedObject(.malformed) }
            step = time &- previous
            previous = time
            times.append(time)
        }
        var packets: [Int32] = []
        packets.reserveCapacity(count)
        for frame in 0..<count {
            let packet = Int64(frame) &+ (try reader.signed())
            guard packet >= 0, packet < Int64(packetCount) else { throw .damagedObject(.malformed) }
            packets.append(Int32(packet))
        }
        var keys: [Key] = []
        var last: Int64 = 0
        for _ in 0..<(try reader.count(below: body)) {
            last = last &+ (try reader.signed())
            guard last >= 0, last < Int64(packetCount) else { throw .damagedObject(.malformed) }
            let (presentationTime, decodeTime) = (try reader.optional(), try reader.optional())
            guard let byteCount = Int32(exactly: try reader.signed()) else { throw .damagedObject(.malformed) }
            keys.append(Key(packet: Int32(last), presentationTime: presentationTime, decodeTime: decodeTime, byteCount: byteCount))
        }
        let leftOut = version == 1 ? 0 : try reader.count(below: packetCount)
        var changes: [HeaderChange] = []
        for _ in 0..<(version < 3 ? 0 : try reader.count(below: body)) {
            let word = try reader.count(below: packetCount * 2)
            changes.append(HeaderChange(packet: Int32(word / 2), restartsDecoder: word % 2 == 1))
        }
        guard reader.position == body else { throw .damagedObject(.malformed) }
        try Self.requireBounded(times, endTime: endTime, timebase: Rational(numerator, denominator))
        self.init(
            timebase: Rational(numerator, denominator), streamIndex: streamIndex, times: times, endTime: endTime, videoBytes: videoBytes,
            packetCount: packetCount, method: method, packets: packets, keys: keys, leftOut: leftOut, changes: changes)
    }

    /// - Parameter times: ascending.
    private static func requireBounded(_ times: [Int64], endTime: Int64, timebase: Rational) throws(MediaError) {
        guard let first = times.first, let last = times.last else { return }
        let bounds = TimeBounds(timebase)
        for time in [first, last, endTime] { try bounds.require(time) }
        try MediaLimits.standard.require(length: max(last, endTime) - first, of: timebase)
    }
}

/// Writes integers as LEB128, signed ones zigzag-coded so that small magnitudes are short.
struct VariableLengthWriter {
    var bytes: [UInt8] = []

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func signed(_ value: Int64) { unsigned(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// A byte that says whether a value follows, and the value.
    mutating func optional(_ value: Int64?) {
        bytes.append(value == nil ? 0 : 1)
        if let value { signed(value) }
    }
}

/// Reads what `VariableLengthWriter` wrote, from bytes that may be anything.
struct VariableLengthReader {
    let bytes: ArraySlice<UInt8>
    var position: Int

    mutating func byte() throws(MediaError) -> UInt8 {
        guard position < bytes.endIndex else { throw .damagedObject(.cutShort) }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func unsigned() throws(MediaError) -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while true {
            let byte = try byte()
            guard shift < 63 || (shift == 63 && byte <= 1) else { throw .damagedObject(.malformed) }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(MediaError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func optional() throws(MediaError) -> Int64? {
        switch try byte() {
        case 0: return nil
        case 1: return try signed()
        default: throw .damagedObject(.malformed)
        }
    }

    /// A number of things, at least 0 and at most `bound`.
    mutating func count(below bound: Int) throws(MediaError) -> Int {
        let value = try signed()
        guard value >= 0, value <= Int64(bound) else { throw .damagedObject(.malformed) }
        return Int(value)
    }
}
