import ColorScience
import Picture

extension QuantiseParameters {
    init(_ step: QuantiseStep, plane: Int, frame: Int) {
        codes = SIMD4(
            Float(step.codes.scale), Float(step.codes.offset), Float(step.codes.range.lowerBound), Float(step.codes.range.upperBound))
        columns = SIMD4(step.columns.weights.map(Float.init))
        rows = SIMD4(step.rows.weights.map(Float.init))
        width = UInt32(step.sourceSize.width)
        height = UInt32(step.sourceSize.height)
        outputWidth = UInt32(step.outputSize.width)
        outputHeight = UInt32(step.outputSize.height)
        rowWords = UInt32(step.rowWords)
        left = Int32(step.left)
        top = Int32(step.top)
        pictureWidth = UInt32(step.pictureSize.width)
        pictureHeight = UInt32(step.pictureSize.height)
        self.plane = UInt32(plane)
        self.frame = UInt32(truncatingIfNeeded: frame)
        background = UInt32(step.codes.background)
    }
}

extension GrainParameters {
    init(_ shape: GrainShape, size: PictureSize, frame: Int) {
        weights = SIMD4(shape.weights.map(Float.init))
        width = UInt32(size.width)
        height = UInt32(size.height)
        self.frame = UInt32(truncatingIfNeeded: frame)
        amplitude = Float(shape.amplitude)
    }
}

extension LocalGradeParameters {
    /// - Parameter openness: of the shot's table.
    init(_ grade: GradeParameters, _ step: GradeStep, _ program: PictureProgram, openness: Double) {
        self.init(
            grade: grade, white: 0, peak: 0, columns: 0, rows: 0, block: 1, factor: 0, placeColumns: 0, placeRows: 0, placeBlock: 1,
            placeFactor: 0, yields: 0)
        if let plan = program.highlights, let lift = step.lift {
            (columns, rows, block) = (UInt32(plan.gainGrid.width), UInt32(plan.gainGrid.height), UInt32(plan.gainBlock))
            (factor, white, peak) = (Float(lift.factor), Float(lift.white), Float(lift.peak))
        }
        if let plan = program.local, let lift = step.local {
            (placeColumns, placeRows, placeBlock) = (UInt32(plan.gainGrid.width), UInt32(plan.gainGrid.height), UInt32(plan.gainBlock))
            (placeFactor, peak, yields) = (Float(lift.factor * openness), Float(lift.peak), Float(lift.yields))
        }
    }
}

extension SurveyParameters {
    init(_ survey: SurveyGrid, toRGB: Matrix3, edge: Int) {
        let rows = toRGB.rows
        func row(_ v: Vector3) -> SIMD4<Float> { SIMD4(Float(v.x), Float(v.y), Float(v.z), 0) }
        self.init(
            red: row(rows.0), green: row(rows.1), blue: row(rows.2), width: UInt32(survey.size.width),
            height: UInt32(survey.size.height), block: UInt32(survey.block), edge: UInt32(edge))
    }
}

extension ResampleParameters {
    init(_ taps: ResampleTaps, from source: PictureSize, to target: PictureSize) {
        self.init(
            sourceWidth: UInt32(source.width), sourceHeight: UInt32(source.height), targetWidth: UInt32(target.width),
            targetHeight: UInt32(target.height), phases: UInt32(taps.phaseCount), step: UInt32(taps.step))
    }
}

extension EnlargeParameters {
    init(_ taps: PeriodicTaps, from source: PictureSize, to target: PictureSize) {
        self.init(
            sourceWidth: UInt32(source.width), sourceHeight: UInt32(source.height), targetWidth: UInt32(target.width),
            targetHeight: UInt32(target.height), base: Int32(taps.base), step: UInt32(taps.step))
    }
}

extension ResampleAxis {
    /// Size of the plane before or after this axis, with `other` samples along the other one.
    func size(inputs: Bool, vertical: Bool, _ other: Int) -> PictureSize {
        let count = inputs ? inputCount : outputCount
        return vertical ? PictureSize(width: other, height: count) : PictureSize(width: count, height: other)
    }
}
