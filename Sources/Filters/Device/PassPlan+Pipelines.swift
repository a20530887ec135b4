import ColorScience
import GPU
import Picture

extension PassPlan.Work {
    /// The kernel with its constants; nil for what is not one kernel of this module.
    func pipeline(dither: Dither, program: PictureProgram) -> PipelineDescription? {
        switch self {
        case .unpack(_, _, _, let samplesPerWord):
            return PipelineDescription(.planeUnpack, workgroup: .row, constants: [3: .uint(UInt32(samplesPerWord))])
        case .resample(let axis, let isVertical, _, _, _):
            if let taps = PeriodicTaps(axis) {
                return PipelineDescription(
                    isVertical ? .planeEnlargeVertical : .planeEnlarge, workgroup: .row,
                    constants: [3: .uint(UInt32(taps.window)), 4: .uint(UInt32(taps.phases))])
            }
            return PipelineDescription(
                isVertical ? .planeResampleVertical : .planeResample, workgroup: .row,
                constants: [3: .uint(UInt32(axis.taps.tapCount))])
        case .network, .guide, .clear, .reconstruct, .modulate: return nil
        case .survey(_, _, let planes, _):
            return PipelineDescription(.pictureSurvey, workgroup: WorkgroupSize(8, 8), constants: [3: .bool(planes.count == 1)])
        case .average: return PipelineDescription(.planeAverage, workgroup: WorkgroupSize(8, 8))
        case .lock: return PipelineDescription(.planeLock, workgroup: .row)
        case .deband: return PipelineDescription(.planeDeband, workgroup: .row)
        case .grain:
            let radius = program.request.grain.map { GrainShape($0).radius } ?? 0
            return PipelineDescription(.planeGrain, workgroup: .row, constants: [3: .int(Int32(radius))])
        case .grade(let step, _, _, let targets, _, let isGray):
            let isPacked = targets[0] == .output(0)
            let bits = isPacked ? program.request.output.pixels.bytesPerSample * 8 : 0
            var constants: [UInt32: SpecializationValue] = [
                4: .bool(step.meters), 5: .bool(isGray), 6: .uint(UInt32(bits)), 7: .bool(dither != .none),
                12: .bool(step.limit != nil),
            ]
            switch step.operation {
            case .none, .clamp: constants[3] = .uint(0)
            case .look: constants[3] = .uint(1)
            case .path(let path):
                constants[3] = .uint(2)
                constants[8] = .uint(path.decode.code)
                constants[9] = .uint(path.encode.code)
                constants[10] = .uint(path.tone?.curve.code ?? 0)
                constants[11] = .bool(path.tone?.expands ?? false)
            }
            if let transfer = step.local?.transfer ?? step.lift?.transfer {
                constants[9] = .uint(transfer.code)
                constants[13] = .bool(step.local != nil)
                constants[14] = .bool(step.lift != nil)
                return PipelineDescription(.pictureGradeLocal, workgroup: .row, constants: constants)
            }
            return PipelineDescription(.pictureGrade, workgroup: .row, constants: constants)
        case .quantise(_, _, let step):
            return PipelineDescription(
                .planeQuantise, workgroup: .row,
                constants: [
                    3: .uint(UInt32(step.bytesPerSample * 8)), 4: .bool(dither != .none), 5: .uint(UInt32(step.columns.step)),
                    6: .uint(UInt32(step.rows.step)), 7: .bool(step.fillsPlane),
                    8: .bool(dither == .triangularBetweenCodes),
                ])
        }
    }
}

extension WorkgroupSize {
    /// Rows are counted in workgroups: the row number is then the same for all invocations of a workgroup.
    static let row = WorkgroupSize(64)
}

extension QuantiseStep {
    /// Whether no sample of the plane lies outside the picture.
    var fillsPlane: Bool { left == 0 && top == 0 && pictureSize == outputSize }
}
