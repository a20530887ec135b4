import Glibc

/// Impulse response of a resampling filter, for a distance in samples of the coarser grid.
package enum ResampleKernel: String, Sendable, Codable, CaseIterable {
    /// Cubic interpolation with a = −0.5 (R. Keys 1981): exact for quadratics, little ringing.
    case catmullRom
    /// sinc windowed by the main lobe of a sinc three times as wide: sharpest, rings at hard edges.
    case lanczos3

    /// Distance beyond which the response is 0.
    package var radius: Double { self == .catmullRom ? 2 : 3 }

    package func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        guard x < radius else { return 0 }
        switch self {
        case .catmullRom:
            return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2
        case .lanczos3:
            guard x > 1e-12 else { return 1 }
            let phase = Double.pi * x
            return 3 * sin(phase) * sin(phase / 3) / (phase * phase)
        }
    }
}
