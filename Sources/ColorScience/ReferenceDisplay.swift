import Glibc

/// The reference flat-panel display of BT.1886 Annex 1, for white and black levels other than the nominal ones.
package struct ReferenceDisplay: Hashable, Sendable {
    /// Screen luminance of signal 1, L_W, in cd/m².
    package let whiteLuminance: Double
    /// Screen luminance of signal 0, L_B, in cd/m².
    package let blackLuminance: Double

    package init(whiteLuminance: Double = 100, blackLuminance: Double = 0) {
        self.whiteLuminance = whiteLuminance
        self.blackLuminance = blackLuminance
    }

    /// Screen luminance, in cd/m², of a signal in [0, 1]: L = a · max(V + b, 0)^2.4.
    package func eotf(_ signal: Double) -> Double {
        let gamma = TransferFunction.displayGamma
        let white = pow(whiteLuminance, 1 / gamma)
        let black = pow(blackLuminance, 1 / gamma)
        return pow(white - black, gamma) * pow(max(signal + black / (white - black), 0), gamma)
    }
}
