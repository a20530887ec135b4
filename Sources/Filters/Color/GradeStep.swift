package import ColorScience

/// Everything that is done to each pixel by itself, in one pass over memory.
package struct GradeStep: Hashable, Sendable, Codable {
    package enum Operation: Hashable, Sendable, Codable {
        /// The matrices alone.
        case none
        /// The matrices, and results in [0, limit]: for what is done to a picture behind the grade that limits it.
        case clamp(limit: Double)
        case path(ColorPath)
        /// The table given with each frame, then the gains of places and of clipped highlights where there are any; results at
        /// most `limit`.
        case look(limit: Double, lift: HighlightLift?, local: LocalLift? = nil)
    }

    /// First, second and third plane → R′, G′, B′.
    package let toRGB: Matrix3
    package let operation: Operation
    /// R′, G′, B′ → first, second and third plane.
    package let fromRGB: Matrix3
    /// Whether the light of the result, a PQ signal, is counted.
    package let meters: Bool
    /// Added to R′, G′ and B′ before they are counted; nil for 0.
    package var meterOffset: Double?

    /// What is done with the gains of clipped highlights.
    package var lift: HighlightLift? { if case .look(_, let lift, _) = operation { lift } else { nil } }

    /// What is done with the gains of places.
    package var local: LocalLift? { if case .look(_, _, let local) = operation { local } else { nil } }

    /// Largest result, where results are clamped to [0, limit].
    package var limit: Double? {
        switch operation {
        case .none: nil
        case .clamp(let limit): limit
        case .path(let path): path.limit
        case .look(let limit, _, _): limit
        }
    }

    /// Twin of `picture_grade` for one pixel.
    ///
    /// - Parameters:
    ///   - gains: of reconstructed highlights, in stops.
    ///   - places: of the pixel's place at each brightness, in stops; empty where there are none.
    ///   - meter: gets what is counted of the R′G′B′ result.
    package func apply(
        _ value: Vector3, look: BakedLUT?, gains: Vector3 = Vector3(gray: 0), places: [Double] = [],
        meter: (Vector3) -> Void
    ) -> Vector3 {
        var color = toRGB * value
        switch operation {
        case .none, .clamp: break
        case .path(let path): color = path.apply(color)
        case .look(_, let lift, let local):
            let source = color
            color = look?.apply(color) ?? color
            if let local { color = local.apply(color, source: source, gains: places, openness: look?.openness ?? 0) }
            if let lift { color = lift.apply(color, source: source, gains: gains) }
        }
        if let limit { color = color.map { min(max($0, 0), limit) } }
        if meters { meter(meterOffset.map { color + Vector3(gray: $0) } ?? color) }
        return fromRGB * color
    }
}
