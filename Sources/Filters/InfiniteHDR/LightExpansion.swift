package import ColorScience
import Glibc

/// The analytic part of INFINITEHDR: from a BT.709 signal and the network's light gains to a PQ BT.2020 signal.
///
/// Gains are base-2 logarithms of factors on linear light, one for each component. With gains of 0 and a boost of 1 the
/// result is the linear expansion that puts SDR white at 203 cd/m² (BT.2408).
package struct LightExpansion: Hashable, Sendable {
    /// Largest result, in cd/m².
    package let peakLuminance: Double
    /// 1 leaves saturation as the network gives it, 0 is gray; see `SaturationBoost`.
    package let saturationBoost: Double
    /// Peak that the network was trained for, in cd/m².
    package static let trainedPeak = 1000.0

    package init(peakLuminance: Double, saturationBoost: Double) {
        self.peakLuminance = min(max(peakLuminance, 1), PQ.peakLuminance)
        self.saturationBoost = saturationBoost
    }

    /// - Parameters:
    ///   - signal: BT.709 R′G′B′; clamped to [0, 1].
    ///   - gains: for R, G, B; on colors near gray their mean is used, so that gray stays gray.
    /// - Returns: PQ BT.2020 R′G′B′, none above the signal of the peak.
    package func apply(_ signal: Vector3, gains: Vector3) -> Vector3 {
        let value = signal.map { min(max($0, 0), 1) }
        let mean = (gains.x + gains.y + gains.z) / 3
        let chroma = min(1, 4 * (value.maximum - min(value.x, value.y, value.z)))
        let gain = gains.map { exp2(mean + chroma * ($0 - mean)) }
        let white = ReferenceWhite.luminance
        let light = value.map { white * pow($0, TransferFunction.displayGamma) }
        let expanded = Vector3(light.x * gain.x, light.y * gain.y, light.z * gain.z)
        let wide = limited((Self.toWide * SaturationBoost(saturationBoost).apply(expanded)).map { max($0, 0) })
        return wide.map(PQ.inverseEOTF)
    }

    /// Fits the highlights between reference white and the peak: the logarithmic distance from white is scaled as the
    /// peak's is to the trained one, then nothing exceeds the peak.
    private func limited(_ light: Vector3) -> Vector3 {
        let white = ReferenceWhite.luminance
        var light = peakLuminance <= white ? light * (peakLuminance / white) : light
        let largest = light.maximum
        if largest > white { light = light * (white * pow(largest / white, headroom) / largest) }
        let result = light.maximum
        return result > peakLuminance ? light * (peakLuminance / result) : light
    }

    /// Logarithmic distance from reference white to the peak over that to the trained one: 0 without room, at most 2.
    package var headroom: Double {
        let white = ReferenceWhite.luminance
        return peakLuminance <= white ? 0 : min(log(peakLuminance / white) / log(Self.trainedPeak / white), 2)
    }

    private static let toWide = ColorPrimaries.bt709.matrix(to: .bt2020) ?? .identity
}
