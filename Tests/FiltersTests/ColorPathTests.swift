import ColorScience
import Filters
import Picture
import Testing

@Suite struct ColorPathTests {
    private let wide = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .limited, siting: .left)

    @Test("SDR white expanded linearly is 203 cd/m² in PQ")
    func white() throws {
        let path = try #require(
            try ColorPath.resolve(
                .inverseToneMap(.linear, whiteLuminance: ReferenceWhite.luminance, peakLuminance: 1000), from: Samples.hd, to: wide))
        #expect((path.apply(Vector3(gray: 1)) - Vector3(gray: 0.580_689)).map(abs).maximum < 1e-5)
        #expect(path.apply(Vector3(gray: 0)).maximum < 1e-5)
    }

    @Test("no expansion exceeds its peak", arguments: [ToneCurve.linear, .hable, .reinhard, .mobius], [100.0, 203, 800, 4000])
    func peak(curve: ToneCurve, peak: Double) throws {
        let path = try #require(
            try ColorPath.resolve(.inverseToneMap(curve, whiteLuminance: 203, peakLuminance: peak), from: Samples.hd, to: wide))
        for color in BakedLUT.grid(edge: 7) { #expect(PQ.eotf(path.apply(color).maximum) <= peak * (1 + 1e-9)) }
    }

    @Test("compressing what was expanded gives the source back", arguments: [ToneCurve.hable, .reinhard, .mobius])
    func roundTrip(curve: ToneCurve) throws {
        let up = try #require(
            try ColorPath.resolve(.inverseToneMap(curve, whiteLuminance: 203, peakLuminance: 1000), from: Samples.hd, to: wide))
        let down = try #require(
            try ColorPath.resolve(.toneMap(curve, sourcePeak: 1000, outputLuminance: 203), from: wide, to: Samples.hd))
        for value in [0.0, 0.1, 0.35, 0.8, 1] {
            #expect(abs(down.apply(up.apply(Vector3(gray: value))).x - value) < 1e-6)
        }
    }

    @Test("PQ to HLG and back keeps colors below the HLG peak")
    func hlg() throws {
        let hlg = ColorTags(primaries: .bt2020, transfer: .hlg, matrix: .bt2020NCL, range: .limited, siting: .left)
        let there = try #require(try ColorPath.resolve(.convert, from: wide, to: hlg))
        let back = try #require(try ColorPath.resolve(.convert, from: hlg, to: wide))
        let color = Vector3(0.5, 0.3, 0.42)
        #expect((back.apply(there.apply(color)) - color).map(abs).maximum < 1e-6)
        let white = there.apply(Vector3(gray: PQ.inverseEOTF(1000)))
        #expect((white - Vector3(gray: 1)).map(abs).maximum < 1e-6)
    }

    @Test("equal tags need no conversion, and ranges of light need a curve")
    func refusals() throws {
        #expect(try ColorPath.resolve(.convert, from: Samples.hd, to: Samples.hd) == nil)
        #expect(throws: FilterError.self) { try ColorPath.resolve(.convert, from: Samples.hd, to: self.wide) }
        #expect(throws: FilterError.self) {
            try ColorPath.resolve(.toneMap(.hable, sourcePeak: 1000, outputLuminance: 100), from: Samples.hd, to: Samples.hd)
        }
        #expect(throws: FilterError.self) { try ColorPath.resolve(.convert, from: .unspecified, to: Samples.hd) }
    }

    @Test("a table interpolates a linear function of the square root exactly and others closely")
    func table() throws {
        let path = try #require(
            try ColorPath.resolve(.inverseToneMap(.linear, whiteLuminance: 203, peakLuminance: 1000), from: Samples.hd, to: wide))
        let table = try BakedLUT(edge: 33) { path.apply($0) }
        for step in 0...1000 {
            let gray = Vector3(gray: Double(step) / 1000)
            #expect((table.apply(gray) - path.apply(gray)).map(abs).maximum * 876 < 0.5)
        }
        let roots = try BakedLUT(edge: 5) { $0.map { $0.squareRoot() } }
        for color in BakedLUT.grid(edge: 6) {
            #expect((roots.apply(color) - color.map { $0.squareRoot() }).map(abs).maximum < 1e-6)
        }
    }

    @Test("a table of wrong size or range is refused")
    func malformed() {
        #expect(throws: FilterError.self) { try BakedLUT(edge: 3, values: [0, 1]) }
        #expect(throws: FilterError.self) { try BakedLUT(edge: 2, values: [Float](repeating: 1.5, count: 24)) }
        #expect(throws: FilterError.self) { try BakedLUT(edge: 2, values: [Float](repeating: .nan, count: 24)) }
    }
}
