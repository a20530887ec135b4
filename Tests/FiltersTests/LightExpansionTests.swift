import ColorScience
import Filters
import Testing

@Suite struct LightExpansionTests {
    @Test("without gains it is the linear expansion to 203 cd/m²")
    func linear() {
        let expansion = LightExpansion(peakLuminance: 1000, saturationBoost: 1)
        #expect(abs(expansion.apply(Vector3(gray: 1), gains: Vector3(gray: 0)).y - 0.580_689) < 1e-5)
        #expect(expansion.apply(Vector3(gray: 0), gains: Vector3(gray: 3)).maximum < 1e-6)
    }

    @Test("no gain and no boost exceeds the peak", arguments: [50.0, 203, 400, 800, 4000], [0.0, 1, 1.25, 3])
    func peak(peak: Double, boost: Double) {
        let expansion = LightExpansion(peakLuminance: peak, saturationBoost: boost)
        for color in BakedLUT.grid(edge: 6) {
            for gain in [-1.0, 0, 2.5, 9] {
                let result = expansion.apply(color, gains: Vector3(gain, gain / 2, -gain))
                #expect(PQ.eotf(result.maximum) <= peak * (1 + 1e-9))
                #expect(min(result.x, result.y, result.z) >= 0)
            }
        }
    }

    @Test("gray stays gray, whatever the gains and the boost")
    func gray() {
        let expansion = LightExpansion(peakLuminance: 800, saturationBoost: 1.25)
        let result = expansion.apply(Vector3(gray: 0.6), gains: Vector3(2, 0.1, -1))
        #expect(abs(result.x - result.y) < 1e-4 && abs(result.y - result.z) < 1e-4)
    }

    @Test("at the trained peak highlights are left as the network gives them")
    func trained() {
        let expansion = LightExpansion(peakLuminance: LightExpansion.trainedPeak, saturationBoost: 1)
        let light = PQ.eotf(expansion.apply(Vector3(gray: 1), gains: Vector3(gray: 2)).y)
        #expect(abs(light - 812) < 0.01)
    }

    @Test("a boost is moderate, spares skin, and never leaves BT.709", arguments: [1.25, 2, 6])
    func boost(factor: Double) throws {
        let back = ColorPrimaries.bt2020.matrix(to: .bt709)
        let plain = LightExpansion(peakLuminance: 1000, saturationBoost: 1)
        let boosted = LightExpansion(peakLuminance: 1000, saturationBoost: factor)
        for color in BakedLUT.grid(edge: 9) {
            let light = try #require(back) * boosted.apply(color, gains: Vector3(gray: 0)).map(PQ.eotf)
            #expect(min(light.x, light.y, light.z) > -0.05)
        }
        let skin = Vector3(0.81, 0.65, 0.56)
        let (before, after) = (plain.apply(skin, gains: Vector3(gray: 0)), boosted.apply(skin, gains: Vector3(gray: 0)))
        if factor == 1.25 { #expect((before - after).map(abs).maximum < 0.01) }
    }

    @Test("a boost of 0 gives grays")
    func colorless() {
        let result = LightExpansion(peakLuminance: 1000, saturationBoost: 0).apply(Vector3(0.9, 0.3, 0.1), gains: Vector3(gray: 0))
        #expect(abs(result.x - result.y) < 1e-9 && abs(result.y - result.z) < 1e-9)
    }

    @Test("whatever boost is asked for gives light", arguments: [1e3, 1e200, .greatestFiniteMagnitude])
    func extreme(boost: Double) {
        let expansion = LightExpansion(peakLuminance: 1000, saturationBoost: boost)
        for signal in [Vector3(0.9, 0.3, 0.1), Vector3(1, 1, 0), Vector3(0.5, 0.5, 0.5), Vector3(0, 0, 1e-6)] {
            let result = expansion.apply(signal, gains: Vector3(gray: 0.5))
            for value in [result.x, result.y, result.z] { #expect((0...PQ.inverseEOTF(1001)).contains(value)) }
        }
    }
}
