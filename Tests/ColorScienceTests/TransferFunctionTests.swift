import ColorScience
import Testing

@Suite struct TransferFunctionTests {
    static let known = TransferFunction.allCases.filter { $0 != .unspecified }
    static let signals = stride(from: 0.0, through: 1.0, by: 1.0 / 64).map { $0 }

    @Test("inverse EOTF of the EOTF returns the signal", arguments: known)
    func displayRoundTrip(function: TransferFunction) {
        for signal in Self.signals where Self.carries(function, signal) {
            #expect(abs(function.inverseEOTF(function.eotf(signal)) - signal) < 1e-6)
        }
    }

    @Test("inverse OETF of the OETF returns the light", arguments: known)
    func cameraRoundTrip(function: TransferFunction) {
        for signal in Self.signals where Self.carries(function, signal) {
            let light = function.inverseOETF(signal)
            #expect(abs(function.inverseOETF(function.oetf(light)) - light) < 1e-6)
        }
    }

    @Test("no curve ever falls", arguments: known)
    func monotonous(function: TransferFunction) {
        for (low, high) in zip(Self.signals, Self.signals.dropFirst()) {
            #expect(function.eotf(low) <= function.eotf(high))
            #expect(function.oetf(low) <= function.oetf(high))
        }
    }

    @Test("signal 1 is the nominal peak", arguments: known.filter { $0 != .smpte428 })
    func peak(function: TransferFunction) {
        #expect(abs(function.eotf(1) - 1) < 1e-6)
        #expect(abs(function.oetf(1) - 1) < 1e-6)
    }

    /// Signal 0 of the logarithmic curves stands for a light above black, and their first step is a jump.
    private static func carries(_ function: TransferFunction, _ signal: Double) -> Bool {
        signal > 0 || (function != .logarithmic100 && function != .logarithmic316)
    }

    @Test(
        "PQ has the values that ST 2084 and BT.2408 print",
        arguments: zip(
            [0.1, 1, 100, 203, 1000, 4000, 10000], [0.062_337, 0.149_946, 0.508_078, 0.580_689, 0.751_827, 0.902_572, 1]))
    func pq(luminance: Double, signal: Double) {
        #expect(abs(PQ.inverseEOTF(luminance) - signal) < 1.5e-5)
        #expect(abs(PQ.eotf(signal) / luminance - 1) < 5e-4)
    }

    @Test("HLG meets its two pieces at signal 0.5 and scene light 1/12")
    func hlg() {
        #expect(abs(HLG.oetf(1.0 / 12) - 0.5) < 1e-12)
        #expect(abs(HLG.inverseOETF(0.5) - 1.0 / 12) < 1e-12)
        #expect(abs(HLG.oetf(1) - 1) < 1e-7)
        #expect(abs(HLG.b - 0.28466892) < 1e-8)
        #expect(abs(HLG.c - 0.55991073) < 1e-8)
        #expect(abs(HLG.systemGamma(peakLuminance: 1000) - 1.2) < 1e-12)
        // BT.2408: HLG 75 % is 203 cd/m² on the 1000 cd/m² display.
        #expect(abs(HLG.eotf(Vector3(gray: 0.75), peakLuminance: 1000).y - 203) < 0.5)
    }

    @Test("HLG colors survive display and back", arguments: [400.0, 1000, 2000, 4000])
    func hlgRoundTrip(peak: Double) {
        let signal = Vector3(0.2, 0.7, 0.45)
        let back = HLG.inverseEOTF(HLG.eotf(signal, peakLuminance: peak), peakLuminance: peak)
        #expect((back - signal).map(abs).maximum < 1e-9)
    }

    @Test("BT.709 has its printed break at 0.018 and BT.1886 its gamma of 2.4")
    func studio() {
        #expect(abs(TransferFunction.bt709.oetf(0.018) - 0.081) < 1e-4)
        #expect(abs(TransferFunction.bt709.oetf(0.5) - (1.099 * 0.732_042_8 - 0.099)) < 1e-4)
        #expect(abs(TransferFunction.bt709.eotf(0.5) - 0.189_464_57) < 1e-8)
        #expect(abs(ReferenceDisplay().eotf(0.5) - 18.946_457) < 1e-6)
        let lifted = ReferenceDisplay(whiteLuminance: 100, blackLuminance: 0.1)
        #expect(abs(lifted.eotf(0) - 0.1) < 1e-9)
        #expect(abs(lifted.eotf(1) - 100) < 1e-9)
        #expect(abs(TransferFunction.srgb.eotf(0.5) - 0.214_041_14) < 1e-7)
    }
}
