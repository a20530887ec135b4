import ColorScience
import Testing

@Suite struct LightTests {
    @Test("expansion undoes compression", arguments: [ToneCurve.hable, .reinhard, .mobius], [1.5, 4.926, 49.26])
    func inverse(curve: ToneCurve, peak: Double) {
        for step in 0...100 {
            let light = peak * Double(step) / 100
            #expect(abs(curve.expand(curve.compress(light, peak: peak), peak: peak) - light) < 1e-6 * peak)
        }
    }

    @Test("compression keeps black, reaches 1 at the peak and never falls", arguments: ToneCurve.allCases, [0.5, 1, 2, 10])
    func shape(curve: ToneCurve, peak: Double) {
        #expect(abs(curve.compress(0, peak: peak)) < 1e-12)
        #expect(abs(curve.compress(max(peak, 1), peak: peak) - 1) < 1e-9)
        var last = 0.0
        for step in 0...200 {
            let value = curve.compress(peak * Double(step) / 150, peak: peak)
            #expect(value >= last - 1e-12 && value <= 1 + 1e-12)
            last = value
        }
    }

    @Test("expansion of 1 is the peak and never more", arguments: [ToneCurve.hable, .reinhard, .mobius])
    func expansion(curve: ToneCurve) {
        #expect(abs(curve.expand(1, peak: 4.926) - 4.926) < 1e-9)
        #expect(abs(curve.expand(7, peak: 4.926) - 4.926) < 1e-9)
        #expect(curve.expand(1, peak: 0.5) == 1)
    }

    @Test("a frame's light is that of its largest component")
    func frameLight() throws {
        var pixels = [Vector3](repeating: Vector3(10, 20, 5), count: 20_000)
        pixels[7] = Vector3(1, 2, 900)
        let light = try #require(FrameLightLevel(pixels: pixels))
        #expect(light.maximum == 900)
        #expect(abs(light.average - (20 + 880.0 / 20_000)) < 1e-9)
        #expect(light.percentile9999 == 20)
        #expect(FrameLightLevel(pixels: [Vector3]()) == nil)
    }

    @Test("meters of two halves merge into the meter of the whole")
    func merging() {
        let frames = [10.0, 300, 55, 120].map { FrameLightLevel(maximum: $0 * 2, average: $0, percentile9999: $0 * 1.5) }
        var (whole, first, second) = (LightLevelMeter(), LightLevelMeter(), LightLevelMeter())
        for frame in frames { whole.add(frame) }
        for frame in frames[..<2] { first.add(frame) }
        for frame in frames[2...] { second.add(frame) }
        #expect(first.merged(with: second) == whole)
        #expect(second.merged(with: first) == whole)
        #expect(whole.contentLightLevel == ContentLightLevel(maxCLL: 600, maxFALL: 300))
        #expect(whole.frameCount == 4)
    }

    @Test("ICtCp has no chroma for gray and survives a round trip")
    func ictcp() {
        let gray = ICtCp.encode(Vector3(gray: 100))
        #expect(abs(gray.x - 0.508_078) < 1e-6 && abs(gray.y) < 1e-9 && abs(gray.z) < 1e-9)
        let color = Vector3(400, 20, 3)
        #expect((ICtCp.decode(ICtCp.encode(color)) - color).map(abs).maximum < 1e-6)
    }

    @Test("ΔE ITP is 720 times the distance of gray signals")
    func difference() {
        let delta = PQ.inverseEOTF(110) - PQ.inverseEOTF(100)
        #expect(abs(ICtCp.difference(Vector3(gray: 100), Vector3(gray: 110)) - 720 * delta) < 1e-6)
        #expect(ICtCp.difference(Vector3(5, 6, 7), Vector3(5, 6, 7)) == 0)
    }

    @Test("mastering displays have the printed points")
    func mastering() {
        let display = MasteringDisplay.p3D65(minimumLuminance: 0.005, maximumLuminance: 1000)
        #expect(display.primaries.red == Chromaticity(0.680, 0.320))
        #expect(display.primaries.white == .d65)
        #expect(MasteringDisplay.bt2020(minimumLuminance: 0, maximumLuminance: 1).primaries == ColorPrimaries.bt2020.primaries)
    }
}
