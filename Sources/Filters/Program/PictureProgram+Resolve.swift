import ColorScience
import Picture
import Primitives

extension PictureProgram {
    /// Resolves a request.
    ///
    /// - Parameter models: networks that the scaler may use.
    /// - Throws: what is wrong with the request (`FilterError`), before anything is allocated.
    package init(_ request: PictureRequest, models: FilterModels) throws(FilterError) {
        let (input, output) = (request.input, request.output)
        for size in [input.size, output.size, request.scaled, request.prescaled ?? request.scaled] {
            guard (1...16_384).contains(size.width), (1...16_384).contains(size.height) else { throw .unsuitableSize(size) }
        }
        guard input.tags.isUsable(for: input.pixels) else { throw .unspecifiedColor(.input) }
        guard output.tags.isUsable(for: output.pixels) else { throw .unspecifiedColor(.output) }
        if let written = request.written, !written.isUsable(for: output.pixels) { throw .unspecifiedColor(.output) }
        guard output.pixels.subsampling.horizontalShift < 2, output.pixels.subsampling.verticalShift < 2 else {
            throw .unsupportedOutput(output.pixels)
        }
        let window = try Self.window(request)
        var resize = ResizePlan(from: window.size)
        if let size = request.prescaled { resize.resample(.catmullRom, to: size) }
        switch request.scaler {
        case .none, .bicubic: resize.resample(.catmullRom, to: request.scaled)
        case .lanczos: resize.resample(.lanczos3, to: request.scaled)
        case .superResolution(let variant): try resize.superResolve(variant, to: request.scaled, models: models)
        }
        let needsLuma = !resize.networks.isEmpty && input.pixels.model == .rgb
        let matrixIn = try needsLuma ? Self.lumaOfRGB() : nil
        let path = try ColorPath.resolve(request.color, from: input.tags, to: output.tags)
        let grade = try Self.grade(request, path: path, fromLuma: needsLuma)
        let hasChroma = input.pixels.model == .ycbcr || needsLuma || (output.pixels.model == .ycbcr && grade == nil)
        let guide = resize.networks.isEmpty ? nil : Self.guide(input.pixels, output.pixels, models)
        let columns = grade == nil && guide == nil ? output.columns(1) : .full
        let rows = grade == nil && guide == nil ? output.rows(1) : .full
        let chroma =
            hasChroma && input.pixels.model != .gray
            ? ResampleSteps(
                columns: ResampleAxis(
                    kernel: .catmullRom, inputPicture: window.size.width, input: input.columns(1),
                    outputPicture: request.scaled.width, output: columns),
                rows: ResampleAxis(
                    kernel: .catmullRom, inputPicture: window.size.height, input: input.rows(1),
                    outputPicture: request.scaled.height, output: rows)) : nil
        let pitch = (x: output.columns(1).pitch, y: output.rows(1).pitch)
        self.request = request
        self.window = window
        self.matrixIn = matrixIn
        self.luma = resize.steps
        self.chroma = chroma
        self.chromaColumns = columns
        self.chromaRows = rows
        self.chromaGuide = guide
        self.grade = grade
        let isGray = output.pixels.model == .gray || (grade == nil && input.pixels.model == .gray)
        let limit = request.written == nil && output.tags.transfer.isHDR ? grade?.limit : nil
        let meter =
            try grade == nil && !request.changesLightLast
            ? Self.meter(request, limit: nil, isGray: isGray, chromaColumns: columns, chromaRows: rows) : nil
        let finish =
            try request.changesLightLast
            ? Self.meter(request, limit: limit, isGray: isGray, chromaColumns: columns, chromaRows: rows) : nil
        self.meter = meter
        self.finish = finish
        highlights = try Self.highlights(request, models)
        local = try Self.local(request, models)
        left = Self.centred(request.scaled.width, in: output.size.width, pitch: pitch.x)
        top = Self.centred(request.scaled.height, in: output.size.height, pitch: pitch.y)
        var (lookInput, lookOutput): (ColorPath?, ColorPath?) = (nil, nil)
        var networks = resize.networks + [guide?.identity].compactMap { $0 }
        if case .infiniteHDR = request.color {
            guard let model = models.infiniteHDR else { throw .missingModel("INFINITEHDR") }
            networks.append(model)
            if let local { networks.append(local.identity) }
            if let highlights { networks.append(highlights.identity) }
            lookInput = try ColorPath.resolve(.convert, from: input.tags, to: Self.lookSource)
            lookOutput = try ColorPath.resolve(.convert, from: Self.lookTarget, to: output.tags)
        }
        self.lookInput = lookInput
        self.lookOutput = lookOutput
        self.networks = networks
        stages =
            StageList(
                request: request, window: window, matrixIn: matrixIn, luma: resize.steps, chroma: chroma, guide: guide,
                local: local, highlights: highlights, grade: grade, meter: meter, finish: finish, left: left, top: top
            ).stages
    }

    private static func highlights(_ request: PictureRequest, _ models: FilterModels) throws(FilterError) -> HighlightPlan? {
        guard case .infiniteHDR(_, _, let strength, _) = request.color, strength > 0 else { return nil }
        guard let identity = models.highlights else { throw .missingModel("INFINITEHDR_HIGHLIGHTS") }
        return HighlightPlan(identity: identity, strength: min(strength, 1), size: request.scaled)
    }

    private static func local(_ request: PictureRequest, _ models: FilterModels) throws(FilterError) -> LocalPlan? {
        guard case .infiniteHDR(_, _, _, let strength) = request.color, strength > 0 else { return nil }
        guard let identity = models.local else { throw .missingModel("INFINITEHDR_LOCAL") }
        return LocalPlan(identity: identity, strength: min(strength, 1), size: request.scaled)
    }

    /// What the learned mapping takes and gives.
    static let lookSource = ColorTags(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .full, siting: .left)
    private static let lookTarget = ColorTags(primaries: .bt2020, transfer: .pq, matrix: .bt2020NCL, range: .full, siting: .left)

    /// The chroma network, where chroma was subsampled and is wanted.
    private static func guide(_ input: PixelFormat, _ output: PixelFormat, _ models: FilterModels) -> FilterModels.ChromaGuide? {
        let isSubsampled = input.subsampling.horizontalShift + input.subsampling.verticalShift > 0
        return input.model == .ycbcr && isSubsampled && output.model != .gray ? models.chroma : nil
    }

    private static func window(_ request: PictureRequest) throws(FilterError) -> PixelRect {
        let size = request.input.size
        guard let crop = request.crop else { return PixelRect(x: 0, y: 0, size: size) }
        let (right, bottom) = (crop.x + crop.size.width, crop.y + crop.size.height)
        guard crop.x >= 0, crop.y >= 0, crop.size.width > 0, crop.size.height > 0, right <= size.width, bottom <= size.height else {
            throw .unsuitableSize(crop.size)
        }
        let subsampling = request.input.pixels.subsampling
        let (x, y) = (crop.x >> subsampling.horizontalShift, crop.y >> subsampling.verticalShift)
        let (left, top) = (x << subsampling.horizontalShift, y << subsampling.verticalShift)
        let (across, down) = (1 << subsampling.horizontalShift, 1 << subsampling.verticalShift)
        let width = min((right - left + across - 1) / across * across, size.width - left)
        let height = min((bottom - top + down - 1) / down * down, size.height - top)
        return PixelRect(x: left, y: top, size: PictureSize(width: width, height: height))
    }

    /// R′, G′, B′ → the planes of a format.
    static func matrix(_ tags: ColorTags, _ pixels: PixelFormat) throws(FilterError) -> Matrix3 {
        if pixels.model == .gray { return grayMatrix }
        let coefficients = pixels.model == .rgb ? MatrixCoefficients.identity : tags.matrix
        guard let matrix = coefficients.rgbToYCbCr(primaries: tags.primaries) else { throw .unsupportedMatrix(tags.matrix) }
        return matrix
    }

    /// R′ = G′ = B′ ↔ one plane; the other two are 0.
    private static let grayMatrix = MatrixCoefficients.bt709.rgbToYCbCr(primaries: .bt709) ?? .identity

    private static func lumaOfRGB() throws(FilterError) -> GradeStep {
        guard let components = MatrixCoefficients.identity.yCbCrToRGB(primaries: .bt709) else { throw .unsupportedMatrix(.identity) }
        return GradeStep(toRGB: components, operation: .none, fromRGB: grayMatrix, meters: false)
    }

    private static func grade(_ request: PictureRequest, path: ColorPath?, fromLuma: Bool) throws(FilterError) -> GradeStep? {
        let (input, output) = (request.input, request.output)
        let source = try fromLuma ? grayMatrix : matrix(input.tags, input.pixels)
        let target = try matrix(output.tags, output.pixels)
        let operation: GradeStep.Operation
        if case .infiniteHDR(let peak, _, let highlights, let places) = request.color {
            guard !input.tags.transfer.isHDR, output.tags.transfer.isHDR else {
                throw .unsuitableToneCurve(from: input.tags.transfer, to: output.tags.transfer)
            }
            let transfer: TransferCurve = output.tags.transfer == .hlg ? .hlg : .pq
            let lift = highlights > 0 ? HighlightLift(transfer: transfer, peakLuminance: peak, strength: min(highlights, 1)) : nil
            let local =
                places > 0
                ? LocalLift(transfer: transfer, peakLuminance: peak, strength: min(places, 1), highlights: max(highlights, 0)) : nil
            operation = .look(limit: output.tags.transfer == .pq ? PQ.inverseEOTF(peak) : 1, lift: lift, local: local)
        } else if let path {
            operation = .path(path)
        } else {
            operation = .none
        }
        let isGray = input.pixels.model == .gray || output.pixels.model == .gray
        let sameModel = input.pixels.model == output.pixels.model && !fromLuma
        // Where nothing is computed, the numbers pass on their own grid, also where their light is measured.
        if operation == .none,
            (sameModel && source == target) || isGray && input.pixels.model != .rgb && output.pixels.model != .rgb
        {
            return nil
        }
        let meters = output.tags.transfer == .pq && !request.changesLightLast
        return GradeStep(toRGB: source.inverse, operation: operation, fromRGB: target, meters: meters)
    }

    /// What counts the light of a PQ picture, as its written tags mean it, behind the last step that computes colors; nil for
    /// other pictures, unless they are to be clamped, and for tags whose R′G′B′ no matrix gives.
    ///
    /// - Parameters:
    ///   - limit: largest signal; nil for no clamp.
    ///   - isGray: whether the first plane alone is light.
    ///   - chromaColumns, chromaRows: how the chroma planes lie on the luma grid when they have been resized.
    private static func meter(
        _ request: PictureRequest, limit: Double?, isGray: Bool, chromaColumns: PlaneGrid, chromaRows: PlaneGrid
    ) throws(FilterError) -> MeterStep? {
        let output = request.output
        let tags = request.written ?? output.tags
        guard tags.transfer == .pq || limit != nil else { return nil }
        let coefficients = output.pixels.model == .rgb ? MatrixCoefficients.identity : tags.matrix
        guard let fromRGB = isGray ? grayMatrix : coefficients.rgbToYCbCr(primaries: tags.primaries) else { return nil }
        // The same codes, read by the written range.
        let made = Quantization(range: output.tags.range, bitDepth: output.pixels.bitDepth)
        let read = Quantization(range: tags.range, bitDepth: output.pixels.bitDepth)
        let luma = made.lumaScale / read.lumaScale
        let other = output.pixels.model == .rgb ? luma : made.chromaScale / read.chromaScale
        let offset = (made.lumaOffset - read.lumaOffset) / read.lumaScale
        let toRGB = fromRGB.inverse * Matrix3(diagonal: Vector3(luma, other, other))
        let chroma =
            isGray || (chromaColumns == .full && chromaRows == .full)
            ? nil
            : ResampleSteps(
                columns: ResampleAxis(
                    kernel: .catmullRom, inputPicture: request.scaled.width, input: chromaColumns,
                    outputPicture: request.scaled.width, output: .full),
                rows: ResampleAxis(
                    kernel: .catmullRom, inputPicture: request.scaled.height, input: chromaRows,
                    outputPicture: request.scaled.height, output: .full))
        let operation: GradeStep.Operation = if let limit { .clamp(limit: limit) } else { .none }
        let grade = GradeStep(
            toRGB: toRGB, operation: operation, fromRGB: fromRGB, meters: tags.transfer == .pq, meterOffset: offset == 0 ? nil : offset)
        return MeterStep(grade: grade, chroma: chroma, isGray: isGray)
    }

    /// First sample of a picture centred in a frame, rounded down to whole chroma samples.
    private static func centred(_ picture: Int, in frame: Int, pitch: Int) -> Int {
        let margin = Rational(Int64(frame - picture), Int64(2 * pitch))
        return margin.floor * pitch
    }
}

extension PictureRequest {
    /// Whether light is changed, or read by other tags, behind the last step that computes colors.
    fileprivate var changesLightLast: Bool { deband || grain != nil || written != nil }
}

extension ColorTags {
    /// Whether everything is known that planes of this format need.
    fileprivate func isUsable(for pixels: PixelFormat) -> Bool {
        let subsampled = pixels.subsampling.horizontalShift + pixels.subsampling.verticalShift > 0
        return primaries != .unspecified && transfer != .unspecified && range != .unspecified
            && (pixels.model != .ycbcr || matrix != .unspecified) && (!subsampled || siting != .unspecified)
    }
}
