/// Push constants of `plane_unpack`.
package struct UnpackParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var rowWords: UInt32
    package var left: UInt32
    package var top: UInt32
    package var scale: Float
    package var offset: Float
}

/// Push constants of `plane_resample`.
package struct ResampleParameters: BitwiseCopyable, Sendable {
    package var sourceWidth: UInt32
    package var sourceHeight: UInt32
    package var targetWidth: UInt32
    package var targetHeight: UInt32
    package var phases: UInt32
    package var step: UInt32
}

/// Push constants of `plane_enlarge`.
package struct EnlargeParameters: BitwiseCopyable, Sendable {
    package var sourceWidth: UInt32
    package var sourceHeight: UInt32
    package var targetWidth: UInt32
    package var targetHeight: UInt32
    package var base: Int32
    package var step: UInt32
}

/// Push constants of `plane_average`.
package struct BlockParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var block: UInt32
}

/// Push constants of `plane_lock`.
package struct LockParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var block: UInt32
    package var deadZone: Float

    package init(width: UInt32, height: UInt32, block: UInt32, deadZone: Float) {
        self.width = width
        self.height = height
        self.block = block
        self.deadZone = deadZone
    }
}

/// Push constants of `plane_deband`.
package struct DebandParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var block: UInt32
    package var threshold: Float
}

/// Push constants of `plane_grain`.
package struct GrainParameters: BitwiseCopyable, Sendable {
    package var weights: SIMD4<Float>
    package var width: UInt32
    package var height: UInt32
    package var frame: UInt32
    package var amplitude: Float
}

/// Push constants of `picture_grade`.
package struct GradeParameters: BitwiseCopyable, Sendable {
    package var width: UInt32
    package var height: UInt32
    package var rowWords: UInt32
    package var frame: UInt32
    package var edge: UInt32
}

/// Push constants of `picture_grade_local`; zeros for gains that the program does not have.
package struct LocalGradeParameters: BitwiseCopyable, Sendable {
    package var grade: GradeParameters
    package var white: Float
    package var peak: Float
    package var columns: UInt32
    package var rows: UInt32
    package var block: UInt32
    package var factor: Float
    package var placeColumns: UInt32
    package var placeRows: UInt32
    package var placeBlock: UInt32
    package var placeFactor: Float
    package var yields: Float
}

/// Push constants of `picture_survey`.
package struct SurveyParameters: BitwiseCopyable, Sendable {
    package var red: SIMD4<Float>
    package var green: SIMD4<Float>
    package var blue: SIMD4<Float>
    package var width: UInt32
    package var height: UInt32
    package var block: UInt32
    package var edge: UInt32
}

/// Push constants of `plane_quantise`.
package struct QuantiseParameters: BitwiseCopyable, Sendable {
    package var codes: SIMD4<Float>
    package var columns: SIMD4<Float>
    package var rows: SIMD4<Float>
    package var width: UInt32
    package var height: UInt32
    package var outputWidth: UInt32
    package var outputHeight: UInt32
    package var rowWords: UInt32
    package var left: Int32
    package var top: Int32
    package var pictureWidth: UInt32
    package var pictureHeight: UInt32
    package var plane: UInt32
    package var frame: UInt32
    package var background: UInt32
}
