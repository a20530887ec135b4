import ColorScience
import Testing

@Suite struct MatrixTests {
    @Test("luma rows are the printed weights")
    func weights() throws {
        let hd = try #require(MatrixCoefficients.bt709.rgbToYCbCr(primaries: .bt709))
        expect(hd, [0.2126, 0.7152, 0.0722, -0.1146, -0.3854, 0.5, 0.5, -0.4542, -0.0458], within: 5e-5)
        let sd = try #require(MatrixCoefficients.smpte170M.rgbToYCbCr(primaries: .smpte170M))
        expect(sd, [0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312], within: 1e-6)
        let uhd = try #require(MatrixCoefficients.bt2020NCL.rgbToYCbCr(primaries: .bt2020))
        expect(uhd, [0.2627, 0.6780, 0.0593, -0.13963, -0.36037, 0.5, 0.5, -0.459786, -0.040214], within: 1e-5)
    }

    @Test("chroma-derived weights of BT.2020 are those that BT.2020 prints")
    func derived() throws {
        let weights = try #require(MatrixCoefficients.chromaDerivedNCL.lumaWeights(primaries: .bt2020))
        #expect(abs(weights.red - 0.2627) < 5e-5)
        #expect(abs(weights.blue - 0.0593) < 5e-5)
    }

    @Test("every linear matrix keeps gray free of chroma and survives a round trip", arguments: MatrixCoefficients.allCases)
    func roundTrip(coefficients: MatrixCoefficients) {
        guard let forward = coefficients.rgbToYCbCr(primaries: .bt709), let back = coefficients.yCbCrToRGB(primaries: .bt709) else {
            #expect([.unspecified, .bt2020CL, .smpte2085, .chromaDerivedCL, .ictcp].contains(coefficients))
            return
        }
        let color = Vector3(0.1, 0.7, 0.35)
        #expect((back * (forward * color) - color).map(abs).maximum < 1e-12)
        guard coefficients != .identity else { return }
        let gray = forward * Vector3(gray: 0.5)
        #expect(abs(gray.x - 0.5) < 1e-12 && abs(gray.y) < 1e-12 && abs(gray.z) < 1e-12)
    }

    @Test("BT.709 to XYZ and to BT.2020 are the printed matrices")
    func gamuts() throws {
        let xyz = try #require(ColorPrimaries.bt709.primaries).rgbToXYZ
        expect(xyz, [0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505], within: 5e-5)
        // BT.2087 clause 2.
        let wide = try #require(ColorPrimaries.bt709.matrix(to: .bt2020))
        expect(wide, [0.6274, 0.3293, 0.0433, 0.0691, 0.9195, 0.0114, 0.0164, 0.0880, 0.8956], within: 5e-5)
    }

    @Test("white maps to white and back, whatever the white points", arguments: ColorPrimaries.allCases, ColorPrimaries.allCases)
    func white(from source: ColorPrimaries, to target: ColorPrimaries) {
        guard let forward = source.matrix(to: target), let back = target.matrix(to: source) else {
            #expect(source == .unspecified || target == .unspecified)
            return
        }
        #expect((forward * Vector3(gray: 1) - Vector3(gray: 1)).map(abs).maximum < 1e-6)
        let color = Vector3(0.2, 0.5, 0.8)
        #expect((back * (forward * color) - color).map(abs).maximum < 1e-6)
    }

    @Test("Bradford from D65 to D50 is the printed matrix")
    func bradford() {
        let matrix = ChromaticAdaptation.bradford(from: .d65, to: Chromaticity(0.34567, 0.35850))
        expect(matrix, [1.0479, 0.0229, -0.0502, 0.0296, 0.9904, -0.0171, -0.0092, 0.0151, 0.7519], within: 3e-4)
    }

    private func expect(_ matrix: Matrix3, _ printed: [Double], within tolerance: Double) {
        for (value, wanted) in zip(matrix.coefficients, printed) { #expect(abs(value - wanted) < tolerance) }
    }
}
