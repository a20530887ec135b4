import ColorScience
import GPU
import Picture

/// The pass plan of a program with everything it needs on a device: planes, weights, uniforms, pipelines, networks.
///
/// Not Sendable: recorded by one caller at a time. Submissions of a device run in order, so frames in flight share it.
struct DeviceProgram {
    /// Buffers of one frame in flight.
    struct Frame {
        let input: Buffer
        let output: Buffer
        /// `LightHistogram.copyCount` histograms; a few unused bytes where the program meters nothing.
        let meter: Buffer
        let index: Int
        let look: LookBuffer?
    }

    private struct Step {
        let pass: PassPlan.Pass
        let pipeline: ComputePipeline?
        /// Weights of a resampling or uniforms of a grade.
        let constants: Buffer?
        let network: PlaneNetwork?
        let guide: ChromaNetwork?
        let survey: SurveyNetwork?
    }

    private let program: PictureProgram
    private let steps: [Step]
    private let planes: [Buffer]
    /// Stands in for bindings that a variant of a kernel does not use.
    private let unused: Buffer

    /// - Parameters:
    ///   - planeBytes: what the program takes without its networks.
    ///   - parts: what the share that its networks are planned for is divided by, at least 1.
    init(_ program: PictureProgram, plan: PassPlan, planeBytes: Int, parts: Int, device: Device) async throws {
        self.program = program
        let dither = program.request.dither
        let descriptions = plan.passes.map { $0.work.pipeline(dither: dither, program: program) }
        try await device.preparePipelines(descriptions.compactMap { $0 })
        var upload = ConstantUpload(device: device)
        var planes: [Buffer] = []
        for (index, bytes) in plan.bufferSizes.enumerated() {
            planes.append(try device.makeBuffer(byteCount: bytes, label: "plane \(index)"))
        }
        var steps: [Step] = []
        var networks: [SuperResolutionStep: PlaneNetwork] = [:]
        var allowance = NetworkAllowance(plan, planeBytes: planeBytes, parts: parts, device: device)
        for (pass, description) in zip(plan.passes, descriptions) {
            var (constants, network, guide): (Buffer?, PlaneNetwork?, ChromaNetwork?) = (nil, nil, nil)
            var survey: SurveyNetwork?
            switch pass.work {
            case .resample(let axis, _, _, _, _): constants = try upload.weights(of: axis)
            case .grade(let step, _, _, _, _, _):
                let codes = try SampleCodes(program.request.output, plane: 0, end: .output)
                constants = try upload.buffer(GradeUniforms(step, codes: codes, shown: program.shown).values, label: "grade")
            case .network(let step, _, _):
                if networks[step] == nil { networks[step] = try await PlaneNetwork(step, device: device, within: &allowance) }
                network = networks[step]
            case .guide(let model, _, _, _, let size):
                guide = try await ChromaNetwork(model, size: size, device: device, within: &allowance)
            case .reconstruct(let plan, _, _): survey = try await SurveyNetwork(plan, device: device, within: &allowance)
            case .modulate(let plan, _, _): survey = try await SurveyNetwork(plan, device: device, within: &allowance)
            default: break
            }
            let pipeline = try description.map { description throws(GPUError) in
                try device.pipeline(description.shader, workgroup: description.workgroup, constants: description.constants)
            }
            steps.append(
                Step(
                    pass: pass, pipeline: pipeline, constants: constants, network: network, guide: guide, survey: survey))
        }
        self.planes = planes
        self.steps = steps
        unused = try device.makeBuffer(byteCount: 256, label: "unused")
        try await upload.finish()
    }

    /// Records the work of one frame.
    func record(_ frame: Frame, into recorder: inout CommandRecorder) throws {
        var stage: PictureStage.Kind?
        for step in steps {
            if step.pass.stage != stage {
                stage = step.pass.stage
                recorder.stage(step.pass.stage.rawValue)
            }
            try record(step, frame, &recorder)
        }
    }

    private func record(_ step: Step, _ frame: Frame, _ recorder: inout CommandRecorder) throws {
        switch step.pass.work {
        case .network(_, let source, let target):
            try step.network?.record(from: planes[source], to: planes[target], into: &recorder)
        case .guide(_, let luma, let sources, let targets, _):
            try step.guide?.record(
                luma: planes[luma], from: sources.map { planes[$0] }, to: targets.map { planes[$0] }, into: &recorder)
        case .reconstruct(_, let maps, let gains), .modulate(_, let maps, let gains):
            try step.survey?.record(from: planes[maps], to: planes[gains], into: &recorder)
        case .clear(let plane):
            try recorder.fill(planes[plane].all, word: 0)
        default:
            guard let pipeline = step.pipeline else { return }
            try dispatch(step, pipeline, frame, &recorder)
        }
    }

    private func dispatch(_ step: Step, _ pipeline: ComputePipeline, _ frame: Frame, _ recorder: inout CommandRecorder) throws {
        switch step.pass.work {
        case .unpack(let plane, let target, let parameters, _):
            let input = try frame.input.slice(program.request.input.planeLayouts[plane])
            try recorder.dispatch(
                pipeline, [input, planes[target].all], push: parameters,
                invocations: (quarter(parameters.width), Int(parameters.height), 1))
        case .resample(let axis, let isVertical, let source, let target, let other):
            let (from, weights, to) = (planes[source].all, (step.constants ?? unused).all, planes[target].all)
            let sizes = (axis.size(inputs: true, vertical: isVertical, other), axis.size(inputs: false, vertical: isVertical, other))
            if let taps = PeriodicTaps(axis) {
                let periods = (axis.outputCount + taps.phases - 1) / taps.phases
                try recorder.dispatch(
                    pipeline, [from, to, weights], push: EnlargeParameters(taps, from: sizes.0, to: sizes.1),
                    invocations: isVertical ? (other, periods, 1) : (periods, other, 1))
            } else {
                try recorder.dispatch(
                    pipeline, [from, weights, to], push: ResampleParameters(axis.taps, from: sizes.0, to: sizes.1),
                    invocations: (sizes.1.width, sizes.1.height, 1))
            }
        case .average(let source, let target, let size, let block):
            let grid = size.blocks(of: block)
            try recorder.dispatch(
                pipeline, [planes[source].all, planes[target].all],
                push: BlockParameters(width: UInt32(size.width), height: UInt32(size.height), block: UInt32(block)),
                invocations: (grid.width, grid.height, 1))
        case .lock(let plane, let wanted, let found, let size, let block, let deadZone):
            let parameters = LockParameters(
                width: UInt32(size.width), height: UInt32(size.height), block: UInt32(block), deadZone: deadZone)
            try recorder.dispatch(
                pipeline, [planes[plane].all, planes[wanted].all, planes[found].all], push: parameters,
                invocations: (eighth(size.width), size.height, 1))
        case .deband(let source, let means, let target, let size, let block, let threshold):
            let parameters = DebandParameters(
                width: UInt32(size.width), height: UInt32(size.height), block: UInt32(block), threshold: threshold)
            try recorder.dispatch(
                pipeline, [planes[source].all, planes[means].all, planes[target].all], push: parameters,
                invocations: (eighth(size.width), size.height, 1))
        case .grain(let plane, let size):
            guard let grain = program.request.grain else { return }
            try recorder.dispatch(
                pipeline, [planes[plane].all], push: GrainParameters(GrainShape(grain), size: size, frame: frame.index),
                invocations: (size.width, size.height, 1))
        case .survey(let survey, let toRGB, let sources, let target):
            guard let look = frame.look, let guide = look.guide else { throw FilterError.missingLook(frame: frame.index) }
            let read = (0..<3).map { $0 < sources.count ? planes[sources[$0]].all : unused.all }
            try recorder.dispatch(
                pipeline, read + [guide.all, planes[target].all], push: SurveyParameters(survey, toRGB: toRGB, edge: look.edge),
                invocations: (survey.grid.width, survey.grid.height, 1))
        case .grade(let grade, let sources, let gains, let targets, let size, _):
            try dispatchGrade(
                grade, step, pipeline, sources: sources, gains: gains, targets: targets, size: size, frame, &recorder)
        case .quantise(let source, let plane, let quantise):
            let output = try frame.output.slice(program.request.output.planeLayouts[plane])
            let parameters = QuantiseParameters(quantise, plane: plane, frame: frame.index)
            let samples = 4 / quantise.bytesPerSample
            try recorder.dispatch(
                pipeline, [planes[source].all, output], push: parameters,
                invocations: ((quantise.outputSize.width + samples - 1) / samples, quantise.outputSize.height, 1))
        case .network, .guide, .clear, .reconstruct, .modulate: break
        }
    }

    private func dispatchGrade(
        _ grade: GradeStep, _ step: Step, _ pipeline: ComputePipeline, sources: [Int], gains: PassPlan.Gains,
        targets: [PassPlan.Place], size: PictureSize, _ frame: Frame, _ recorder: inout CommandRecorder
    ) throws {
        let read = (0..<3).map { $0 < sources.count ? planes[sources[$0]].all : unused.all }
        var written: [BufferSlice] = []
        var rowWords = 0
        for place in 0..<3 {
            switch place < targets.count ? targets[place] : nil {
            case .plane(let plane): written.append(planes[plane].all)
            case .output(let plane):
                let layout = program.request.output.planeLayouts[plane]
                rowWords = layout.bytesPerRow / 4
                written.append(try frame.output.slice(layout))
            case .input, nil: written.append(unused.all)
            }
        }
        var edge = 2
        var table = unused
        if case .look = grade.operation {
            guard let look = frame.look else { throw FilterError.missingLook(frame: frame.index) }
            (edge, table) = (look.edge, look.buffer)
        }
        let parameters = GradeParameters(
            width: UInt32(size.width), height: UInt32(size.height), rowWords: UInt32(rowWords),
            frame: UInt32(truncatingIfNeeded: frame.index), edge: UInt32(edge))
        let buffers = read + written + [table.all, grade.meters ? frame.meter.all : unused.all, (step.constants ?? unused).all]
        let invocations = (quarter(parameters.width), size.height, 1)
        if grade.lift != nil || grade.local != nil {
            let read = [gains.highlights, gains.places].map { $0.map { planes[$0].all } ?? unused.all }
            let openness = frame.look?.look.openness ?? 0
            try recorder.dispatch(
                pipeline, buffers + read, push: LocalGradeParameters(parameters, grade, program, openness: openness),
                invocations: invocations)
        } else {
            try recorder.dispatch(pipeline, buffers, push: parameters, invocations: invocations)
        }
    }

    /// Invocations for rows that kernels work on four samples at a time.
    private func quarter(_ width: UInt32) -> Int { (Int(width) + 3) / 4 }

    /// Invocations for rows that kernels work on eight samples at a time.
    private func eighth(_ width: Int) -> Int { (width + 7) / 8 }
}

extension Buffer {
    /// The bytes of one plane.
    fileprivate func slice(_ layout: PlaneLayout) throws(GPUError) -> BufferSlice {
        try slice(byteOffset: layout.offset, byteCount: layout.byteCount)
    }
}
