import FoundationEssentials

/// A safetensors file, read strictly: input may be hostile, so every length and offset is checked before it is used.
///
/// Format (github.com/huggingface/safetensors): 8 bytes of header length, little endian; a JSON header that maps names to
/// `{"dtype", "shape", "data_offsets"}`, and `__metadata__` to a map of strings; then the data, without holes. Of the
/// element types F32 and F16 are taken.
package struct Safetensors: Sendable {
    /// The file's own `__metadata__`.
    package let metadata: [String: String]
    /// Tensors by name; F16 widened. All values are finite.
    package let tensors: [String: Tensor]

    /// More than any network of ours; keeps a hostile length from being believed.
    package static let maximumHeaderBytes = 4 << 20
    private static let maximumRank = 8

    /// - Throws: `malformedFile`.
    package init(_ bytes: UnsafeRawBufferPointer) throws(NetworkError) {
        guard bytes.count >= 8 else { throw .malformedFile(detail: "\(bytes.count) bytes; a header length needs 8") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(min(bytes.count - 8, Self.maximumHeaderBytes)) else {
            throw .malformedFile(detail: "header of \(length) bytes in a file of \(bytes.count)")
        }
        let header = UnsafeRawBufferPointer(rebasing: bytes[8..<(8 + Int(length))])
        let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + Int(length))...])
        guard header.first == UInt8(ascii: "{"), let object = JSONValue(parsing: Data(header))?.object else {
            throw .malformedFile(detail: "the header is no JSON object")
        }

        var metadata: [String: String] = [:]
        var tensors: [String: Tensor] = [:]
        var ranges: [Range<Int>] = []
        for (name, value) in object {
            if name == "__metadata__" {
                guard let entries = value.object else { throw .malformedFile(detail: "__metadata__ is no object") }
                for (key, entry) in entries {
                    guard let text = entry.string else { throw .malformedFile(detail: "metadata '\(key)' is no string") }
                    metadata[key] = text
                }
                continue
            }
            let (range, tensor) = try Self.tensor(name, value, data: data)
            ranges.append(range)
            tensors[name] = tensor
        }
        try Self.verifyCover(ranges, byteCount: data.count)
        self.metadata = metadata
        self.tensors = tensors
    }

    /// - Throws: `malformedFile`, also when the file cannot be read.
    package init(contentsOf path: String) throws(NetworkError) {
        guard let file = FileManager.default.contents(atPath: path) else { throw .malformedFile(detail: "cannot read \(path)") }
        let bytes = Array(file)
        let result: Result<Safetensors, NetworkError> = bytes.withUnsafeBytes { buffer in
            do throws(NetworkError) { return .success(try Safetensors(buffer)) } catch { return .failure(error) }
        }
        self = try result.get()
    }

    private static func tensor(
        _ name: String, _ value: JSONValue, data: UnsafeRawBufferPointer
    ) throws(NetworkError) -> (Range<Int>, Tensor) {
        guard let fields = value.object, Set(fields.keys) == ["dtype", "shape", "data_offsets"], let dtype = fields["dtype"]?.string,
            let shape = fields["shape"]?.array, let offsets = fields["data_offsets"]?.array, offsets.count == 2,
            let begin = offsets[0].integer, let end = offsets[1].integer
        else { throw .malformedFile(detail: "tensor '\(name)' lacks dtype, shape or data_offsets") }
        let width: Int
        switch dtype {
        case "F32": width = 4
        case "F16": width = 2
        default: throw .malformedFile(detail: "tensor '\(name)' is \(dtype); allowed F32, F16")
        }
        guard shape.count <= maximumRank else { throw .malformedFile(detail: "tensor '\(name)' of rank \(shape.count)") }
        var sizes: [Int] = []
        var count = 1
        for entry in shape {
            guard let size = entry.integer, size >= 0 else { throw .malformedFile(detail: "shape of tensor '\(name)'") }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= data.count / width else {
                throw .malformedFile(detail: "tensor '\(name)' is larger than the file")
            }
            count = product
            sizes.append(size)
        }
        guard begin >= 0, begin <= end, end <= data.count, end - begin == count * width else {
            throw .malformedFile(detail: "tensor '\(name)' of \(count * width) bytes at \(begin)..<\(end) of \(data.count)")
        }
        let values = (0..<count).map { index in
            let place = begin + index * width
            return width == 4
                ? Float(bitPattern: UInt32(littleEndian: data.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
                : widened(UInt16(littleEndian: data.loadUnaligned(fromByteOffset: place, as: UInt16.self)))
        }
        guard values.allSatisfy(\.isFinite) else { throw .malformedFile(detail: "tensor '\(name)' has a value that is not finite") }
        return (begin..<end, Tensor(shape: sizes, values: values))
    }

    /// The format allows no holes and no overlaps: nothing may hide in the file.
    private static func verifyCover(_ ranges: [Range<Int>], byteCount: Int) throws(NetworkError) {
        var place = 0
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard range.lowerBound == place else { throw .malformedFile(detail: "hole or overlap at byte \(place) of the data") }
            place = range.upperBound
        }
        guard place == byteCount else { throw .malformedFile(detail: "\(byteCount - place) bytes after the last tensor") }
    }

    /// The value of an IEEE 754 binary16.
    static func widened(_ half: UInt16) -> Float {
        let sign: Float = half & 0x8000 == 0 ? 1 : -1
        let exponent = Int(half >> 10 & 0x1F)
        let fraction = Float(half & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }
}
