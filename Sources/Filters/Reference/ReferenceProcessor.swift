package import ColorScience
import Picture

/// A program run in Double on the CPU, made of the twins of the kernels: the oracle of `PictureProcessor`, for small
/// pictures.
package struct ReferenceProcessor {
    private let program: PictureProgram
    private let network: (SuperResolutionStep, ReferencePlane) throws -> ReferencePlane
    private let guide: (ModelIdentity, [ReferencePlane]) throws -> [ReferencePlane]
    private let survey: (ModelIdentity, [ReferencePlane]) throws -> [ReferencePlane]

    /// - Parameters:
    ///   - network: runs one network of the scaler on a luma plane.
    ///   - guide: runs the chroma network on luma, Cb and Cr; gives Cb and Cr.
    ///   - survey: runs a network that sees the whole picture on its maps; gives those of gains.
    package init(
        program: PictureProgram,
        network: @escaping (SuperResolutionStep, ReferencePlane) throws -> ReferencePlane = { step, _ in
            throw FilterError.missingModel(step.identity.name)
        },
        guide: @escaping (ModelIdentity, [ReferencePlane]) throws -> [ReferencePlane] = { model, _ in
            throw FilterError.missingModel(model.name)
        },
        survey: @escaping (ModelIdentity, [ReferencePlane]) throws -> [ReferencePlane] = { model, _ in
            throw FilterError.missingModel(model.name)
        }
    ) {
        self.program = program
        self.network = network
        self.guide = guide
        self.survey = survey
    }

    /// Planes and light of one frame; the bytes are laid out as `PictureFormat.planeLayouts` says.
    ///
    /// - Throws: `wrongByteCount`, `missingLook`, and what the network throws.
    package func process(_ bytes: [UInt8], frameIndex: Int, look: BakedLUT? = nil) throws -> (bytes: [UInt8], light: FrameLightLevel?) {
        let format = program.request.input
        guard bytes.count >= format.byteCount else {
            throw FilterError.wrongByteCount(given: bytes.count, needed: format.byteCount)
        }
        if program.needsConditions, look == nil { throw FilterError.missingLook(frame: frameIndex) }
        var planes = try format.planeLayouts.enumerated().map { try unpack(bytes, plane: $0.offset, layout: $0.element) }
        if let step = program.matrixIn { planes = grade(planes, step, look: nil) { _ in } }
        for plane in planes.indices {
            if plane > 0, let chroma = program.chroma {
                planes[plane] = planes[plane].resampled(columns: chroma.columns, rows: chroma.rows)
            } else {
                planes[plane] = try program.luma.reduce(planes[plane], resize)
            }
        }
        if let model = program.chromaGuide?.identity {
            let results = try guide(model, Array(planes[...2]))
            for (place, result) in zip(1...2, results) {
                planes[place] = result.locked(to: planes[place], ratio: 1, deadZone: LowFrequencyLock.chromaDeadZone)
            }
        }
        while planes.count < program.planeCount {
            let size = program.grade == nil ? program.planeSize(planes.count) : program.size
            planes.append(ReferencePlane(width: size.width, height: size.height) { _, _ in 0 })
        }
        var histogram = LightHistogram()
        if let step = program.meter { _ = measured(planes, step) { histogram.add($0) } }
        if let step = program.grade {
            let gains = try gains(of: planes, toRGB: step.toRGB, look: look, frameIndex)
            planes = grade(planes, step, look: look, gains: gains) { histogram.add($0) }
        }
        if program.request.deband { planes = planes.map(debanded) }
        if let grain = program.request.grain {
            let shape = GrainShape(grain)
            let luma = planes[0]
            planes[0] = ReferencePlane(width: luma.width, height: luma.height) { x, y in
                luma[x, y] + shape.grain(x: x, y: y, frame: frameIndex, on: luma[x, y])
            }
        }
        if let step = program.finish {
            let finished = measured(planes, step) { histogram.add($0) }
            if step.grade.limit != nil { planes.replaceSubrange(0..<finished.count, with: finished) }
        }
        if program.meters { histogram.addBlack(program.barPixels) }
        return (try pack(planes, frameIndex: frameIndex), histogram.lightLevel)
    }

    private func unpack(_ bytes: [UInt8], plane: Int, layout: PlaneLayout) throws -> ReferencePlane {
        let format = program.request.input
        let codes = try SampleCodes(format, plane: plane, end: .input)
        let (columns, rows) = (format.columns(plane), format.rows(plane))
        let size = PictureSize(
            width: columns.count(of: program.window.size.width), height: rows.count(of: program.window.size.height))
        return ReferencePlane(
            bytes: bytes[layout.offset..<(layout.offset + layout.byteCount)], layout: layout,
            left: program.window.x / columns.pitch, top: program.window.y / rows.pitch, size: size, decode: codes.decode)
    }

    private func resize(_ plane: ReferencePlane, _ step: ResizeStep) throws -> ReferencePlane {
        switch step {
        case .resample(let steps): return plane.resampled(columns: steps.columns, rows: steps.rows)
        case .network(let step):
            return try network(step, plane).locked(to: plane, ratio: step.ratio, deadZone: program.lumaDeadZone)
        }
    }

    /// Planes of gains, and pixels a side of the square that one of their samples stands for.
    private struct Gains {
        var highlights: (planes: [ReferencePlane], block: Int)?
        var places: (planes: [ReferencePlane], block: Int)?
    }

    private func gains(of planes: [ReferencePlane], toRGB: Matrix3, look: BakedLUT?, _ frameIndex: Int) throws -> Gains {
        guard let grid = program.local?.survey ?? program.highlights?.survey else { return Gains() }
        guard let guide = look?.guide else { throw FilterError.missingLook(frame: frameIndex) }
        let maps = PictureSurvey.maps(of: planes, toRGB: toRGB, guide: guide, grid: grid)
        return Gains(
            highlights: try program.highlights.map {
                (try survey($0.identity, Array(maps.prefix(HighlightPlan.mapCount))), $0.gainBlock)
            }, places: try program.local.map { (try survey($0.identity, maps), $0.gainBlock) })
    }

    private func grade(
        _ planes: [ReferencePlane], _ step: GradeStep, look: BakedLUT?, gains: Gains = Gains(), meter: (Vector3) -> Void
    ) -> [ReferencePlane] {
        var result = planes
        let shown = program.shown
        let (columns, rows) = (shown.x..<shown.x + shown.size.width, shown.y..<shown.y + shown.size.height)
        for place in planes[0].samples.indices {
            let value = Vector3(
                planes[0].samples[place], planes.count > 1 ? planes[1].samples[place] : 0,
                planes.count > 2 ? planes[2].samples[place] : 0)
            let (x, y) = (place % planes[0].width, place / planes[0].width)
            func at(_ gains: (planes: [ReferencePlane], block: Int)?) -> [Double] {
                gains.map { gains in gains.planes.map { $0.spread(x: x, y: y, block: gains.block) } } ?? []
            }
            let values = at(gains.highlights)
            let gain = values.count == 3 ? Vector3(values[0], values[1], values[2]) : Vector3(gray: 0)
            let isShown = columns.contains(x) && rows.contains(y)
            let graded = step.apply(value, look: look, gains: gain, places: at(gains.places)) { if isShown { meter($0) } }
            for (plane, sample) in zip(planes.indices, [graded.x, graded.y, graded.z]) { result[plane].samples[place] = sample }
        }
        return result
    }

    /// The planes that are read, as they come out of the measurement.
    private func measured(_ planes: [ReferencePlane], _ step: MeterStep, meter: (Vector3) -> Void) -> [ReferencePlane] {
        var read = step.isGray ? [planes[0]] : planes
        if let chroma = step.chroma {
            for plane in 1...2 { read[plane] = planes[plane].resampled(columns: chroma.columns, rows: chroma.rows) }
        }
        return grade(read, step.grade, look: nil, meter: meter)
    }

    private func debanded(_ plane: ReferencePlane) -> ReferencePlane {
        let (block, threshold) = (PassPlan.debandBlock, Double(PassPlan.debandThreshold))
        let means = plane.averaged(block: block)
        return ReferencePlane(width: plane.width, height: plane.height) { x, y in
            let distance = means.spread(x: x, y: y, block: block) - plane[x, y]
            let weight = max(0, 1 - abs(distance) / threshold)
            return plane[x, y] + weight * weight * distance
        }
    }

    private func pack(_ planes: [ReferencePlane], frameIndex: Int) throws -> [UInt8] {
        let output = program.request.output
        var bytes = [UInt8](repeating: 0, count: output.byteCount)
        for (plane, layout) in output.planeLayouts.enumerated() {
            let step = try program.quantise(plane)
            for y in 0..<step.outputSize.height {
                for x in 0..<step.outputSize.width {
                    let code = code(planes[plane], step, plane: plane, x: x, y: y, frameIndex: frameIndex)
                    let place = layout.offset + y * layout.bytesPerRow + x * layout.bytesPerSample
                    bytes[place] = UInt8(code & 0xFF)
                    if layout.bytesPerSample == 2 { bytes[place + 1] = UInt8(code >> 8) }
                }
            }
        }
        return bytes
    }

    private func code(_ source: ReferencePlane, _ step: QuantiseStep, plane: Int, x: Int, y: Int, frameIndex: Int) -> Int {
        let (column, row) = (x - step.left, y - step.top)
        guard (0..<step.pictureSize.width).contains(column), (0..<step.pictureSize.height).contains(row) else {
            return step.codes.background
        }
        let value = source.reduced(x: column, y: row, columns: step.columns, rows: step.rows)
        let isDithered =
            switch program.request.dither {
            case .none: false
            case .triangular: true
            case .triangularBetweenCodes: !step.codes.isCode(value)
            }
        return step.codes.encode(value, noise: isDithered ? TriangularDither.noise(x: x, y: y, plane: plane, frame: frameIndex) : 0)
    }
}
