import ColorScience
import Filters
import Testing

@Suite struct DitherTests {
    @Test("noise has zero mean, triangular variance and stays below one code")
    func moments() {
        let values = (0..<256).flatMap { y in (0..<256).map { TriangularDither.noise(x: $0, y: y, plane: 0, frame: 7) } }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(mean) < 0.005)
        #expect(abs(variance - 1.0 / 6) < 0.003)
        #expect(values.allSatisfy { abs($0) < 1 })
    }

    @Test("neighbours in x, y, plane and frame have independent noise")
    func independence() {
        func correlation(_ other: (Int, Int) -> Double) -> Double {
            var sum = 0.0
            for y in 0..<128 { for x in 0..<128 { sum += TriangularDither.noise(x: x, y: y, plane: 0, frame: 3) * other(x, y) } }
            return sum / (128 * 128) * 6
        }
        #expect(abs(correlation { TriangularDither.noise(x: $0 + 1, y: $1, plane: 0, frame: 3) }) < 0.03)
        #expect(abs(correlation { TriangularDither.noise(x: $0, y: $1 + 1, plane: 0, frame: 3) }) < 0.03)
        #expect(abs(correlation { TriangularDither.noise(x: $0, y: $1, plane: 1, frame: 3) }) < 0.03)
        #expect(abs(correlation { TriangularDither.noise(x: $0, y: $1, plane: 0, frame: 4) }) < 0.03)
    }

    @Test("a histogram gives the levels of its pixels within half a 12-bit step")
    func histogram() throws {
        var histogram = LightHistogram()
        var lights: [Vector3] = []
        for index in 0..<20_000 {
            let light = index == 5 ? 790.0 : 50 + Double(index % 100)
            lights.append(Vector3(light, light / 2, 0))
            histogram.add(Vector3(PQ.inverseEOTF(light), PQ.inverseEOTF(light / 2), 0))
        }
        let found = try #require(histogram.lightLevel)
        let wanted = try #require(FrameLightLevel(pixels: lights))
        #expect(abs(found.maximum / wanted.maximum - 1) < 0.002)
        #expect(abs(found.average / wanted.average - 1) < 0.0005)
        #expect(abs(found.percentile9999 / wanted.percentile9999 - 1) < 0.002)
        #expect(LightHistogram().lightLevel == nil)
    }

    @Test("copies of a histogram add up")
    func copies() {
        var counts = [UInt32](repeating: 0, count: LightHistogram.binCount * LightHistogram.copyCount)
        for copy in 0..<LightHistogram.copyCount { counts[copy * LightHistogram.binCount + 100] = 3 }
        #expect(LightHistogram(copies: counts).bins[100] == 3 * LightHistogram.copyCount)
    }
}
