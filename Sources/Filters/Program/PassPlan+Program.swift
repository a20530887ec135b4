import ColorScience
import Picture

extension PassPlan {
    /// Samples a side of the blocks that debanding smooths over.
    static let debandBlock = 16
    /// Distance from the smooth surface below which debanding acts: two steps of 8-bit luma.
    static let debandThreshold: Float = 2.0 / 219

    /// Plans the work of a program for one frame.
    init(_ program: PictureProgram) throws(FilterError) {
        var planes = try unpacked(program)
        if let step = program.matrixIn {
            let size = program.window.size
            let targets = planes.map { _ in take(size) }
            add(.matrixIn, .grade(step, from: planes, gains: .none, to: targets.map(Place.plane), size: size, isGray: false))
            planes.forEach { give(back: $0) }
            planes = targets
        }
        resize(&planes, program)
        let size = program.request.scaled
        if let guide = program.chromaGuide { self.guide(&planes, guide.identity, size: size) }
        let isGray = program.planeCount == 1
        while planes.count < program.planeCount {
            // A gray source in a color file: no chroma anywhere, or three equal components by the matrix of the grade.
            let flat = take(program.grade == nil ? program.planeSize(planes.count) : size)
            add(.unpack, .clear(flat))
            planes.append(flat)
        }
        if let meter = program.meter { measure(planes, meter, size: size) }
        let finishes = program.request.deband || program.request.grain != nil || program.finish != nil || !program.fillsFrame
        var isLumaPacked = false
        if let grade = program.grade {
            isLumaPacked = !finishes
            let targets = isGray ? [take(size)] : (0..<3).map { _ in take(size) }
            let places = targets.enumerated().map { isLumaPacked && $0.offset == 0 ? Place.output(0) : .plane($0.element) }
            let gains = self.gains(program, of: planes, toRGB: grade.toRGB)
            add(.color, .grade(grade, from: planes, gains: gains, to: places, size: size, isGray: isGray))
            (planes + gains.planes).forEach { give(back: $0) }
            planes = targets
        }
        if program.request.deband { deband(&planes, program) }
        if program.request.grain != nil { add(.grain, .grain(plane: planes[0], size: size)) }
        if let step = program.finish { finish(&planes, step, size: size) }
        for plane in 0..<program.request.output.pixels.colorPlaneCount where plane > 0 || !isLumaPacked {
            try add(.quantise, .quantise(from: planes[plane], plane: plane, program.quantise(plane)))
        }
    }

    /// Counts the light of planes that stay as they are: what the kernel writes besides is not read.
    private mutating func measure(_ planes: [Int], _ meter: MeterStep, size: PictureSize) {
        var read = meter.isGray ? [planes[0]] : planes
        if let chroma = meter.chroma {
            for plane in 1...2 { read[plane] = resampled(planes[plane], chroma, stage: .color, keepsSource: true) }
        }
        let unread = read.map { _ in take(size) }
        add(
            .color,
            .grade(meter.grade, from: read, gains: .none, to: unread.map(Place.plane), size: size, isGray: meter.isGray))
        for plane in read + unread where !planes.contains(plane) { give(back: plane) }
    }

    /// Counts the light of finished planes, and puts clamped ones in their place where there is a limit.
    private mutating func finish(_ planes: inout [Int], _ step: MeterStep, size: PictureSize) {
        guard step.grade.limit != nil else { return measure(planes, step, size: size) }
        let read = step.isGray ? [planes[0]] : planes
        let targets = read.map { _ in take(size) }
        add(
            .color,
            .grade(step.grade, from: read, gains: .none, to: targets.map(Place.plane), size: size, isGray: step.isGray))
        read.forEach { give(back: $0) }
        planes.replaceSubrange(0..<targets.count, with: targets)
    }

    /// The gains of places and of clipped highlights, by networks that see the same survey.
    private mutating func gains(_ program: PictureProgram, of planes: [Int], toRGB: Matrix3) -> Gains {
        guard let survey = program.local?.survey ?? program.highlights?.survey else { return .none }
        let maps = take(PictureSize(width: survey.grid.width, height: survey.grid.height * SurveyGrid.mapCount))
        add(program.local == nil ? .highlights : .localModulation, .survey(survey, toRGB: toRGB, from: planes, to: maps))
        var gains = Gains()
        if let plan = program.local {
            let places = take(PictureSize(width: plan.gainGrid.width, height: plan.gainGrid.height * LocalPlan.gainCount))
            add(.localModulation, .modulate(plan, from: maps, to: places))
            gains.places = places
        }
        if let plan = program.highlights {
            let highlights = take(PictureSize(width: plan.gainGrid.width, height: plan.gainGrid.height * HighlightPlan.gainCount))
            add(.highlights, .reconstruct(plan, from: maps, to: highlights))
            gains.highlights = highlights
        }
        give(back: maps)
        return gains
    }

    private mutating func unpacked(_ program: PictureProgram) throws(FilterError) -> [Int] {
        let format = program.request.input
        var planes: [Int] = []
        for (plane, layout) in format.planeLayouts.enumerated() {
            let (across, down) = (format.columns(plane).pitch, format.rows(plane).pitch)
            let size = PictureSize(
                width: format.columns(plane).count(of: program.window.size.width),
                height: format.rows(plane).count(of: program.window.size.height))
            let codes = try SampleCodes(format, plane: plane, end: .input)
            let target = take(size)
            let parameters = UnpackParameters(
                width: UInt32(size.width), height: UInt32(size.height), rowWords: UInt32(layout.bytesPerRow / 4),
                left: UInt32(program.window.x / across), top: UInt32(program.window.y / down), scale: Float(1 / codes.scale),
                offset: Float(-codes.offset / codes.scale))
            add(.unpack, .unpack(from: plane, to: target, parameters, samplesPerWord: 4 / layout.bytesPerSample))
            planes.append(target)
        }
        return planes
    }

    private mutating func resize(_ planes: inout [Int], _ program: PictureProgram) {
        for plane in planes.indices {
            if plane > 0, let chroma = program.chroma {
                planes[plane] = resampled(planes[plane], chroma, stage: .chroma)
                continue
            }
            var size = program.window.size
            for (index, step) in program.luma.enumerated() {
                switch step {
                case .resample(let steps):
                    let isFirst = index == 0 && program.request.prescaled == steps.outputSize && steps.outputSize != program.request.scaled
                    planes[plane] = resampled(planes[plane], steps, stage: isFirst ? .prescale : .resample)
                case .network(let network): planes[plane] = enlarged(planes[plane], network, deadZone: program.lumaDeadZone)
                }
                size = step.outputSize
            }
            assert(size == program.request.scaled, "the luma steps end at the size asked for")
        }
    }

    /// - Parameter keepsSource: whether the plane is needed again afterwards.
    private mutating func resampled(
        _ source: Int, _ steps: ResampleSteps, stage: PictureStage.Kind, keepsSource: Bool = false
    ) -> Int {
        var plane = source
        if !steps.columns.isIdentity {
            let size = PictureSize(width: steps.columns.outputCount, height: steps.rows.inputCount)
            let target = take(size)
            add(stage, .resample(axis: steps.columns, vertical: false, from: plane, to: target, other: size.height))
            if !keepsSource { give(back: plane) }
            plane = target
        }
        if !steps.rows.isIdentity {
            let target = take(steps.outputSize)
            add(stage, .resample(axis: steps.rows, vertical: true, from: plane, to: target, other: steps.columns.outputCount))
            if !keepsSource || plane != source { give(back: plane) }
            plane = target
        }
        return plane
    }

    private mutating func enlarged(_ plane: Int, _ network: SuperResolutionStep, deadZone: Double) -> Int {
        let target = take(network.outputSize)
        add(.superResolution, .network(network, from: plane, to: target))
        lock(target, to: plane, of: network.inputSize, ratio: network.ratio, deadZone: deadZone)
        give(back: plane)
        return target
    }

    private mutating func guide(_ planes: inout [Int], _ model: ModelIdentity, size: PictureSize) {
        let targets = [take(size), take(size)]
        add(.chromaGuide, .guide(model, luma: planes[0], from: Array(planes[1...2]), to: targets, size: size))
        for (plane, target) in zip(planes[1...2], targets) {
            lock(target, to: plane, of: size, ratio: 1, deadZone: LowFrequencyLock.chromaDeadZone)
            give(back: plane)
        }
        planes.replaceSubrange(1...2, with: targets)
    }

    /// Gives a plane the low frequencies of the one of `size` that it was made of, but for drifts within the dead zone.
    private mutating func lock(_ plane: Int, to source: Int, of size: PictureSize, ratio: Int, deadZone: Double) {
        let block = LowFrequencyLock.block
        let (wanted, found) = (take(size.blocks(of: block)), take(size.blocks(of: block)))
        let result = PictureSize(width: size.width * ratio, height: size.height * ratio)
        add(.lowFrequencyLock, .average(from: source, to: wanted, size: size, block: block))
        add(.lowFrequencyLock, .average(from: plane, to: found, size: result, block: block * ratio))
        add(
            .lowFrequencyLock,
            .lock(plane: plane, wanted: wanted, found: found, size: result, block: block * ratio, deadZone: Float(deadZone)))
        [wanted, found].forEach { give(back: $0) }
    }

    private mutating func deband(_ planes: inout [Int], _ program: PictureProgram) {
        for plane in planes.indices {
            let size = program.planeSize(plane)
            let means = take(size.blocks(of: Self.debandBlock))
            let target = take(size)
            add(.deband, .average(from: planes[plane], to: means, size: size, block: Self.debandBlock))
            add(
                .deband,
                .deband(
                    from: planes[plane], means: means, to: target, size: size, block: Self.debandBlock,
                    threshold: Self.debandThreshold))
            give(back: planes[plane])
            give(back: means)
            planes[plane] = target
        }
    }
}

extension PictureProgram {
    /// Size of a plane between the last change of size and the rounding.
    func planeSize(_ plane: Int) -> PictureSize {
        guard plane > 0, grade == nil, chromaGuide == nil, request.output.pixels.isChroma(plane) else { return request.scaled }
        return PictureSize(width: chromaColumns.count(of: request.scaled.width), height: chromaRows.count(of: request.scaled.height))
    }

    /// How plane `plane` of the output is made of its float plane.
    func quantise(_ plane: Int) throws(FilterError) -> QuantiseStep {
        let output = request.output
        let (columns, rows) = (output.columns(plane), output.rows(plane))
        let layout = output.planeLayouts[plane]
        let isReduced = grade == nil && chromaGuide == nil
        return QuantiseStep(
            sourceSize: planeSize(plane), columns: ChromaReduction(isReduced ? .full : columns),
            rows: ChromaReduction(isReduced ? .full : rows), outputSize: layout.size,
            pictureSize: PictureSize(width: columns.count(of: request.scaled.width), height: rows.count(of: request.scaled.height)),
            left: left / columns.pitch, top: top / rows.pitch, codes: try SampleCodes(output, plane: plane, end: .output),
            bytesPerSample: layout.bytesPerSample, rowWords: layout.bytesPerRow / 4)
    }
}

extension PictureSize {
    /// Grid of square blocks that covers this size.
    func blocks(of block: Int) -> PictureSize {
        PictureSize(width: (width + block - 1) / block, height: (height + block - 1) / block)
    }
}
