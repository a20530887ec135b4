import Networks
import Testing

@Suite struct SafetensorsTests {
    private let small = Tensor(shape: [2, 2], values: [1, -2, 0.5, 0])

    @Test("tensors and metadata are read as they were written")
    func roundTrip() throws {
        let bytes = try TestFile.bytes(metadata: ["name": "a\"b"], tensors: [("x", small), ("y", Tensor(shape: [0], values: []))])
        let file = try TestFile.parse(bytes)
        #expect(file.metadata == ["name": "a\"b"])
        #expect(file.tensors["x"] == small)
        #expect(file.tensors["y"]?.values.isEmpty == true)
    }

    @Test("halves are widened exactly")
    func halves() throws {
        let header = #"{"h": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]}}"#
        let data: [UInt8] = [0x00, 0x3C, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0xC0]
        let file = try TestFile.parse(TestFile.assemble(header: header, data: data))
        #expect(file.tensors["h"]?.values == [1, 0x1p-24, 65504, -2])
    }

    @Test(
        "malformed headers are refused",
        arguments: [
            "", "[]", "{", #"{"x": 1}"#, #"{"__metadata__": []}"#, #"{"__metadata__": {"a": 1}}"#,
            #"{"x": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}"#,
            #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#,
            #"{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#,
            #"{"x": {"dtype": "F32", "shape": [9223372036854775807, 2], "data_offsets": [0, 8]}}"#,
            #"{"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#,
            #"{"x": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}}"#,
            #"{"x": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}"#,
            #"{"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}"#,
            #"{"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#,
            #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "y": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}"#,
            #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "more": 1}}"#,
            #"{"x": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,2], "data_offsets": [0, 8]}}"#,
        ])
    func malformed(header: String) {
        let bytes = TestFile.assemble(header: header, data: [UInt8](repeating: 0, count: 8))
        #expect(throws: NetworkError.self) { try TestFile.parse(bytes) }
    }

    @Test("a header length that the file does not hold is refused", arguments: [UInt64.max, 1 << 40, 3, 5_000_000])
    func length(length: UInt64) {
        #expect(throws: NetworkError.self) { try TestFile.parse(TestFile.assemble(header: "{}", data: [], length: length)) }
    }

    @Test("every truncation of a file, and noise, is refused without a crash")
    func truncation() throws {
        let bytes = try TestFile.bytes(metadata: ["k": "v"], tensors: [("x", small)])
        for count in 0..<bytes.count {
            #expect(throws: NetworkError.self) { try TestFile.parse(Array(bytes.prefix(count))) }
        }
        for seed in 0..<200 {
            var damaged = bytes
            for (index, value) in Noise.values(3, seed: UInt32(seed)).enumerated() {
                damaged[Int(value * Float(bytes.count - 1))] = UInt8(truncatingIfNeeded: seed &* 31 &+ index)
            }
            _ = try? TestFile.parse(damaged)
        }
    }

    @Test("headers nested beyond measure are refused without a crash")
    func depth() {
        for depth in [600, 200_000] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(throws: NetworkError.self) { try TestFile.parse(TestFile.assemble(header: #"{"x": \#(nested)}"#, data: [])) }
            #expect(throws: NetworkError.self) { try TestFile.parse(TestFile.assemble(header: nested, data: [])) }
        }
    }

    @Test("values that are not finite are refused", arguments: [Float.nan, .infinity])
    func finite(value: Float) throws {
        let bytes = try TestFile.bytes(metadata: [:], tensors: [("x", Tensor(shape: [1], values: [value]))])
        #expect(throws: NetworkError.self) { try TestFile.parse(bytes) }
    }
}
