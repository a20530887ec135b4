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
}
