import ColorScience
import Picture

/// The uniform block of `picture_grade`, in its order: fifteen vectors of four floats.
package struct GradeUniforms {
    /// Bytes that the kernel declares.
    package static let byteCount = 15 * 16

    package let values: [Float]

    /// - Parameters:
    ///   - codes: of the first output plane.
    ///   - shown: the part of the picture whose light is counted.
    package init(_ step: GradeStep, codes: SampleCodes, shown: PixelRect) {
        var values: [Float] = []
        func add(_ x: Double, _ y: Double = 0, _ z: Double = 0, _ w: Double = 0) { values += [x, y, z, w].map(Float.init) }
        func add(_ matrix: Matrix3) {
            let rows = matrix.rows
            for row in [rows.0, rows.1, rows.2] { add(row.x, row.y, row.z) }
        }
        var path: ColorPath?
        if case .path(let found) = step.operation { path = found }
        add(step.toRGB)
        add(step.fromRGB)
        add(path?.gamut ?? .identity)
        let tone = path?.tone.map { Self.tone($0) } ?? (1, 0, 0, 0)
        add(tone.0, tone.1, tone.2, tone.3)
        let (decode, encode) = (path?.decode.parameters ?? (1, 1), path?.encode.parameters ?? (1, 1))
        add(decode.0, decode.1, encode.0, encode.1)
        add(path?.lightIn ?? 1, path?.lightOut ?? 1, ColorPath.hlgGamma - 1, (1 - ColorPath.hlgGamma) / ColorPath.hlgGamma)
        add(codes.scale, codes.offset, Double(codes.range.lowerBound), Double(codes.range.upperBound))
        add(step.limit ?? 1, step.meterOffset ?? 0)
        add(Double(shown.x), Double(shown.y), Double(shown.x + shown.size.width), Double(shown.y + shown.size.height))
        self.values = values
    }

    /// Peak and coefficients as `curves.glsl` takes them.
    private static func tone(_ tone: ColorPath.Tone) -> (Double, Double, Double, Double) {
        switch tone.curve {
        case .hable: return (tone.peak, tone.curve.normalization(peak: tone.peak), 0, 0)
        case .mobius:
            let (a, b, scale) = ToneCurve.mobiusCoefficients(tone.peak)
            return (tone.peak, a, b, scale)
        case .linear, .clip, .reinhard: return (tone.peak, 0, 0, 0)
        }
    }
}

extension TransferCurve {
    /// `CURVE_…` of `curves.glsl`.
    var code: UInt32 {
        switch self {
        case .power: 0
        case .srgb: 1
        case .pq: 2
        case .hlg: 3
        case .logarithmic: 4
        }
    }

    /// Gamma or decades, and factor.
    fileprivate var parameters: (Double, Double) {
        switch self {
        case .power(let gamma, let factor): (gamma, factor)
        case .logarithmic(let decades): (decades, 1)
        case .srgb, .pq, .hlg: (1, 1)
        }
    }
}

extension ToneCurve {
    /// `TONE_…` of `curves.glsl`.
    var code: UInt32 {
        switch self {
        case .linear: 1
        case .clip: 2
        case .hable: 3
        case .reinhard: 4
        case .mobius: 5
        }
    }
}
