/// A non-empty range of bytes, inside a representation.
package struct ByteRange: Hashable, Sendable {
    package let offset: Int
    package let length: Int

    package init(offset: Int, length: Int) {
        self.offset = offset
        self.length = length
    }
}

/// What a `Range` field asks of a representation (RFC 9110 §14.2).
package enum RangeRequest: Hashable, Sendable {
    /// No field, another unit, malformed, or unreasonable: the whole representation.
    case whole
    case ranges([ByteRange])
    case unsatisfiable

    /// More ranges than this are ignored: many small ones cost the server more than the client (RFC 9110 §14.2).
    package static let maximumRanges = 16

    /// - Parameters:
    ///   - field: value of `Range`.
    ///   - size: of the whole representation, in bytes.
    package init(_ field: String?, size: Int) {
        guard let field, let ranges = Self.parse(field, size: size) else {
            self = .whole
            return
        }
        guard !ranges.isEmpty else {
            self = .unsatisfiable
            return
        }
        // Overlap would send the same bytes twice: the whole is cheaper and allowed.
        let sorted = ranges.sorted { $0.offset < $1.offset }
        let overlaps = zip(sorted, sorted.dropFirst()).contains { $0.offset + $0.length > $1.offset }
        self = overlaps ? .whole : .ranges(ranges)
    }

    /// The satisfiable ranges, or nil when the field is to be ignored.
    private static func parse(_ field: String, size: Int) -> [ByteRange]? {
        guard let equals = field.utf8.firstIndex(of: UInt8(ascii: "=")), field[..<equals].lowercased() == "bytes" else { return nil }
        let specs = field[field.index(after: equals)...].split(separator: ",").map { ByteClass.trimmed($0) }.filter { !$0.isEmpty }
        guard !specs.isEmpty, specs.count <= maximumRanges else { return nil }
        var ranges: [ByteRange] = []
        for spec in specs {
            let parts = spec.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let first = number(parts[0]), let last = number(parts[1]) else { return nil }
            switch (first, last) {
            case (nil, nil): return nil
            case (nil, .some(let suffix)):
                let length = min(suffix, size)
                if length > 0 { ranges.append(ByteRange(offset: size - length, length: length)) }
            case (.some(let first), nil):
                if first < size { ranges.append(ByteRange(offset: first, length: size - first)) }
            case (.some(let first), .some(let last)):
                guard first <= last else { return nil }
                if first < size { ranges.append(ByteRange(offset: first, length: min(last, size - 1) - first + 1)) }
            }
        }
        return ranges
    }

    /// `.some(nil)` for nothing, nil for no number. Numbers beyond 18 digits are as good as infinite.
    private static func number(_ text: Substring) -> Int?? {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        guard !text.isEmpty else { return .some(nil) }
        return .some(text.utf8.count > 18 ? Int(1) << 60 : Int(text))
    }
}
