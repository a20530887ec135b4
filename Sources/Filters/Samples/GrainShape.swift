import Glibc

/// Numbers behind `plane_grain`: how round and how strong.
package struct GrainShape: Hashable, Sendable {
    /// Reach of a grain in samples at 1920 columns, 0…3.
    package let radius: Int
    /// Weights of the distances 0…3 along one axis; the sum of their squares over a row is 1.
    package let weights: [Double]
    /// Standard deviation in middle gray, in luma.
    package let amplitude: Double

    package init(_ grain: FilmGrain) {
        let deviation =
            switch grain.size {
            case .superFine: 0.0
            case .fine: 0.45
            case .medium: 0.7
            case .coarse: 1.0
            case .veryCoarse: 1.4
            }
        let radius = deviation == 0 ? 0 : deviation < 0.5 ? 1 : deviation < 0.9 ? 2 : 3
        let raw = (0..<4).map { distance in
            distance > radius ? 0 : distance == 0 ? 1 : exp(-Double(distance * distance) / (2 * deviation * deviation))
        }
        let power = raw[0] * raw[0] + 2 * raw[1...].reduce(0) { $0 + $1 * $1 }
        self.radius = radius
        weights = raw.map { $0 / power.squareRoot() }
        amplitude = 0.06 * Double(min(max(grain.strength, 0), 50)) / 50
    }

    /// Grain that `plane_grain` adds to a luma value at a position of a frame; its twin.
    package func grain(x: Int, y: Int, frame: Int, on luma: Double) -> Double {
        var noise = 0.0
        for j in -radius...radius {
            for i in -radius...radius {
                let bits = TriangularDither.bits(x: x + i + radius, y: y + j + radius, plane: 3, frame: frame)
                let sum = (bits & 0xFF) + (bits >> 8 & 0xFF) + (bits >> 16 & 0xFF) + (bits >> 24)
                noise += weights[abs(i)] * weights[abs(j)] * (Double(sum) - 510) / 147.8005413
            }
        }
        let middle = min(max(luma, 0), 1)
        return amplitude * (0.25 + 3 * middle * (1 - middle)) * noise
    }
}
