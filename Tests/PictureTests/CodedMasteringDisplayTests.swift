import Picture
import Testing

@Suite struct CodedMasteringDisplayTests {
    @Test("P3-D65 codes to the integers of the HDR10 delivery documents")
    func p3D65() {
        let display = CodedMasteringDisplay.p3D65(maxLuminance: 1000, minLuminance: 0.005)
        #expect(display.red == CodedChromaticity(x: 34000, y: 16000))
        #expect(display.green == CodedChromaticity(x: 13250, y: 34500))
        #expect(display.blue == CodedChromaticity(x: 7500, y: 3000))
        #expect(display.white == CodedChromaticity(x: 15635, y: 16450))
        #expect(display.maxLuminance == 10_000_000)
        #expect(display.minLuminance == 50)
        #expect(display.problems.isEmpty)
    }

    @Test("Values that cannot be true are named")
    func problems() {
        let good = CodedMasteringDisplay.bt2020(maxLuminance: 1000, minLuminance: 0.0001)
        let swapped = CodedMasteringDisplay(
            red: good.green, green: good.red, blue: good.blue, white: good.white, maxLuminance: good.minLuminance,
            minLuminance: good.maxLuminance)
        #expect(swapped.problems == [.primariesSwapped, .luminancesSwapped])
        let zero = CodedChromaticity(x: 0, y: 0)
        let blank = CodedMasteringDisplay(red: zero, green: zero, blue: zero, white: zero, maxLuminance: 0, minLuminance: 0)
        #expect(blank.problems == [.blank])
        let far = CodedChromaticity(x: 60_000, y: 16_000)
        let wild = CodedMasteringDisplay(
            red: far, green: good.green, blue: good.blue, white: good.white, maxLuminance: good.maxLuminance,
            minLuminance: good.minLuminance)
        #expect(wild.problems == [.chromaticityAboveOne])
    }
}
