import Filters
import Picture
import Primitives
import Testing

@Suite struct ResampleTests {
    static let sizes = [(7, 13), (16, 5), (9, 9), (31, 62), (40, 27), (1, 6)]

    @Test("the weights of an output sum to 1", arguments: ResampleKernel.allCases, sizes)
    func unity(kernel: ResampleKernel, sizes: (Int, Int)) {
        let taps = ResampleAxis(kernel: kernel, inputPicture: sizes.0, input: .full, outputPicture: sizes.1, output: .full).taps
        for phase in 0..<taps.phaseCount {
            let sum = taps.weights[(phase * taps.tapCount)..<((phase + 1) * taps.tapCount)].reduce(0, +)
            #expect(abs(sum - 1) < 1e-12)
        }
    }

    @Test("every phase reaches all inputs within the filter's radius", arguments: ResampleKernel.allCases, sizes)
    func reach(kernel: ResampleKernel, sizes: (Int, Int)) {
        let axis = ResampleAxis(kernel: kernel, inputPicture: sizes.0, input: .full, outputPicture: sizes.1, output: .full)
        let taps = axis.taps
        let stretch = max(axis.scale.double, 1)
        for output in 0..<axis.outputCount {
            let center = axis.scale.double * Double(output) + axis.origin.double
            let first = taps.row(of: output).first
            // The next input on either side must be outside the filter.
            #expect(kernel.weight((Double(first - 1) - center) / stretch).magnitude < 1e-6)
            #expect(kernel.weight((Double(first + taps.tapCount) - center) / stretch).magnitude < 1e-6)
        }
    }

    @Test("a straight ramp stays straight away from the edges, whatever the ratio", arguments: [(30, 47), (30, 60), (60, 25)])
    func ramp(sizes: (Int, Int)) {
        let plane = ReferencePlane(width: sizes.0, height: 1) { x, _ in (Double(x) + 0.5) / Double(sizes.0) }
        let columns = ResampleAxis(kernel: .catmullRom, inputPicture: sizes.0, input: .full, outputPicture: sizes.1, output: .full)
        let rows = ResampleAxis(kernel: .catmullRom, inputPicture: 1, input: .full, outputPicture: 1, output: .full)
        let result = plane.resampled(columns: columns, rows: rows)
        for x in (sizes.1 / 5)..<(sizes.1 * 4 / 5) {
            #expect(abs(result[x, 0] - (Double(x) + 0.5) / Double(sizes.1)) < 2e-3)
        }
    }

    @Test("a ramp over the picture has the same value in planes of every siting", arguments: [(0, 2), (1, 2), (2, 2)])
    func siting(offset: (Int64, Int64)) {
        // Chroma samples carry the value of their luma position; brought to full size they must say that position.
        let grid = PlaneGrid(pitch: 2, offset: Rational(offset.0, offset.1))
        let count = grid.count(of: 64)
        let plane = ReferencePlane(width: count, height: 1) { x, _ in 2 * Double(x) + grid.offset.double }
        let up = ResampleAxis(kernel: .catmullRom, inputPicture: 64, input: grid, outputPicture: 64, output: .full)
        let row = ResampleAxis(kernel: .catmullRom, inputPicture: 1, input: .full, outputPicture: 1, output: .full)
        let full = plane.resampled(columns: up, rows: row)
        for x in 8..<56 { #expect(abs(full[x, 0] - Double(x)) < 1e-9) }
        let reduction = ChromaReduction(grid)
        for x in 4..<28 {
            let value = full.reduced(x: x, y: 0, columns: reduction, rows: ChromaReduction(.full))
            #expect(abs(value - (2 * Double(x) + grid.offset.double)) < 1e-9)
        }
    }

    @Test("same size and same grid change nothing")
    func identity() {
        let axis = ResampleAxis(kernel: .lanczos3, inputPicture: 11, input: .full, outputPicture: 11, output: .full)
        #expect(axis.isIdentity)
        let grid = PlaneGrid(pitch: 2, offset: Rational(1, 2))
        #expect(ResampleAxis(kernel: .catmullRom, inputPicture: 11, input: grid, outputPicture: 11, output: grid).isIdentity)
        #expect(!ResampleAxis(kernel: .catmullRom, inputPicture: 11, input: grid, outputPicture: 11, output: .full).isIdentity)
    }

    @Test("reduction weights sum to 1 and are never negative", arguments: [0.0, 0.5, 1.0])
    func reduction(offset: Double) {
        let reduction = ChromaReduction(PlaneGrid(pitch: 2, offset: Rational(Int64(offset * 2), 2)))
        #expect(abs(reduction.weights.reduce(0, +) - 1) < 1e-12)
        #expect(reduction.weights.allSatisfy { $0 >= 0 })
    }
}
