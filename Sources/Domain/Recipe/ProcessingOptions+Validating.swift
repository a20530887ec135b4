import Picture
package import Primitives

extension ProcessingOptions {
    /// Checks the rules that need no source: every filter has its settings, codec and container go together, HDR
    /// formats have what they need. Throws all problems at once.
    package func validate() throws(ValidationFailure) {
        let problems = ProblemCollector()
        check(path: "", problems: problems)
        try problems.check()
    }

    /// The same, for options that stand at `path` of a larger body.
    package func check(path: String, problems: ProblemCollector) {
        let found = ProblemCollector()
        checkSettings(found)
        _ = OutputEncoding.resolve(self, source: .yuv420p, hdrFormat: outputHDRFormat, problems: found)
        let prefix = path.isEmpty ? "" : path + "."
        for problem in found.problems {
            problems.add(Problem(problem.kind, field: prefix + problem.field, actual: problem.actual, problem.message))
        }
    }

    /// Settles every default against a source and checks all rules, including what this build can carry out.
    ///
    /// - Parameters:
    ///   - startMilliseconds: asked start of the part; nil for the start of the source.
    ///   - endMilliseconds: asked end; nil for the end of the source.
    /// - Throws: all problems at once.
    package func validated(
        for source: SourceFormat, startMilliseconds: Int? = nil, endMilliseconds: Int? = nil, capabilities: Capabilities = .current
    ) throws(ValidationFailure) -> ProcessingRecipe {
        let problems = ProblemCollector()
        checkSettings(problems)
        capabilities.check(self, problems: problems)
        let positions = PositionRange.resolve(
            start: startMilliseconds, end: endMilliseconds, duration: source.durationMilliseconds, problems: problems)
        let crop = filters?.reshaper == .crop ? filterSettings?.normalizedCropCoordinates?.aligned(to: source) : nil
        let prescaled = filters?.prescaler == .scale ? filterSettings?.prescaledResolution : nil
        let unscaled = ProcessingRecipe.unscaled(source, crop: crop, prescaledSize: prescaled)
        let scaling = resolvedScaling(of: source, unscaled: unscaled, problems)
        let fixed = processingSettings?.fixedOutputResolution?.size
        let output = fixed ?? scaling?.target.size ?? unscaled.size
        let frameRate = resolvedFrameRate()
        let doubling = filters?.deinterlacer?.doublesFrameRate == true ? Rational(2, 1) : Rational(1, 1)
        let outputFrameRate = frameRate?.frameRate ?? source.frameRate.map { $0 * doubling }
        let color = ColorResolver(
            source: source, settings: processingSettings, outputSize: output,
            outputFrameRate: outputFrameRate, codec: outputCodec, problems: problems
        ).resolve()
        let encoding = OutputEncoding.resolve(self, source: source.format, hdrFormat: color.hdr?.format, problems: problems)
        checkSides(of: output, encoding.format, isScaled: scaling != nil, problems)
        try problems.check()
        let recipe = ProcessingRecipe(
            source: source, positions: positions, deinterlacing: resolvedDeinterlacing(), crop: crop, prescaledSize: prescaled,
            denoiser: filters?.denoiser, stabilizer: filters?.stabilizer,
            faceForward: filters?.augmenter == nil ? nil : filterSettings?.faceForward, scaling: scaling,
            frameRateConversion: frameRate, color: color, debander: filters?.debander,
            filmGrain: filters?.postProcessor == nil ? nil : filterSettings?.filmGrain, fixedOutputSize: fixed,
            outputScanning: processingSettings?.outputScanning ?? .auto, encoding: encoding)
        encoding.check(recipe.output, frameRate: recipe.storedFrameRate, scan: recipe.scan, problems: problems)
        recipe.checkScan(problems)
        capabilities.check(recipe, problems: problems)
        try problems.check()
        return recipe
    }

    /// The codec of the rendition: the profile's, else the configuration's, else HEVC.
    var outputCodec: OutputCodec { encodingProfile?.codec ?? encodingConfiguration?.codec.map(OutputCodec.init) ?? .hevc }

    /// The HDR format that is asked for outright.
    private var outputHDRFormat: HDRFormat? { processingSettings?.outputColorSpaceConversion?.colorProfile?.hdrFormat }

    // MARK: Settings that filters need

    private func checkSettings(_ problems: ProblemCollector) {
        let settings = filterSettings
        func require(_ setting: Any?, _ name: String, for filter: String?) {
            guard let filter, setting == nil else { return }
            problems.add(Problem(field: "filterSettings.\(name)", actual: nil, "is required by \(filter)"))
        }
        require(settings?.interlacedFieldOrderMode, "interlacedFieldOrderMode", for: filters?.deinterlacer?.rawValue)
        require(settings?.normalizedCropCoordinates, "normalizedCropCoordinates", for: filters?.reshaper?.rawValue)
        require(settings?.prescaledResolution, "prescaledResolution", for: filters?.prescaler.map { "the prescaler \($0.rawValue)" })
        require(settings?.faceForward, "faceForward", for: filters?.augmenter?.rawValue)
        require(settings?.resolution, "resolution", for: filters?.scaler?.rawValue)
        if filters?.scaler == .pabsr1 { require(settings?.clarityBoost, "clarityBoost", for: Scaler.pabsr1.rawValue) }
        require(settings?.frameRate, "frameRate", for: filters?.frameRateConverter?.rawValue)
        require(settings?.filmGrain, "filmGrain", for: filters?.postProcessor?.rawValue)
        if filters?.frameRateConverter != nil, let rate = settings?.frameRate, rate.tag == nil, rate.fps == nil {
            problems.add(Problem(field: "filterSettings.frameRate", actual: nil, "needs a tag or fps"))
        }
        if filters?.scaler != nil, let resolution = settings?.resolution { resolution.checkIsEnough(problems) }
        if filters?.reshaper != nil, let crop = settings?.normalizedCropCoordinates {
            if crop.x2 <= crop.x1 { problems.add(crop.problem("x2", crop.x2, "x1", crop.x1)) }
            if crop.y2 <= crop.y1 { problems.add(crop.problem("y2", crop.y2, "y1", crop.y1)) }
        }
    }

    private func resolvedDeinterlacing() -> ProcessingRecipe.Deinterlacing? {
        guard let filter = filters?.deinterlacer, let order = filterSettings?.interlacedFieldOrderMode else { return nil }
        return ProcessingRecipe.Deinterlacing(filter: filter, fieldOrder: order)
    }

    private func resolvedFrameRate() -> ProcessingRecipe.FrameRateConversion? {
        guard let filter = filters?.frameRateConverter, let rate = filterSettings?.frameRate?.rational else { return nil }
        return ProcessingRecipe.FrameRateConversion(filter: filter, frameRate: rate)
    }

    // MARK: Scaling

    private func resolvedScaling(
        of source: SourceFormat, unscaled: TargetResolution, _ problems: ProblemCollector
    ) -> ProcessingRecipe.Scaling? {
        guard let scaler = filters?.scaler, let wish = filterSettings?.resolution, wish.isEnough else { return nil }
        var picture = source
        picture.size = unscaled.size
        picture.sampleAspectRatio = unscaled.sampleAspectRatio
        let field = "filterSettings.resolution"
        guard let target = TargetResolution.resolve(wish, for: picture, field: field, problems: problems) else { return nil }
        scaler.check(target.size, from: picture, field: field, problems)
        let filter: ProcessingRecipe.ScalingFilter =
            switch scaler {
            case .dvres2: .deepRestoration2(filterSettings?.dvres2Variant ?? .generic)
            case .dvres: .deepRestoration
            case .pabsr1: .superResolution(filterSettings?.clarityBoost ?? .none)
            case .scale: .bicubic
            }
        return ProcessingRecipe.Scaling(filter: filter, target: target)
    }

    /// Subsampled chroma has no half samples.
    private func checkSides(of size: PictureSize, _ format: Picture.PixelFormat, isScaled: Bool, _ problems: ProblemCollector) {
        let (horizontal, vertical) = (1 << format.subsampling.horizontalShift, 1 << format.subsampling.verticalShift)
        guard size.width % horizontal != 0 || size.height % vertical != 0 else { return }
        problems.add(
            Problem(
                .resolutionOutOfRange, field: isScaled ? "filterSettings.resolution" : "filters.scaler", actual: size.description,
                "the output would be \(size), but \(format.name) needs a width divisible by \(horizontal) and a height divisible by "
                    + "\(vertical); choose such a size with a scaler"))
    }
}

extension ProcessingOptions.Resolution {
    /// Whether a size follows from what is given.
    var isEnough: Bool { tag != nil || (width != nil && height != nil) || (aspectRatioTag != nil && (width != nil || height != nil)) }

    func checkIsEnough(_ problems: ProblemCollector) {
        guard !isEnough else { return }
        problems.add(
            Problem(
                .missingResolution, field: "filterSettings.resolution", actual: nil,
                "needs a tag, or width and height, or one of the two with an aspectRatioTag"))
    }
}

extension ProcessingOptions.CropCoordinates {
    func problem(_ name: String, _ value: Double, _ other: String, _ bound: Double) -> Problem {
        Problem(
            field: "filterSettings.normalizedCropCoordinates.\(name)", actual: JSON.number(value).description,
            "must be above \(other), \(JSON.number(bound))")
    }
}

extension ProcessingOptions.FrameRate {
    /// The exact rate: the tag's, else `fps`, which means n · 1000 / 1001 where it is such a rate cut to three digits.
    package var rational: Rational? {
        if let tag { return tag.rational }
        guard let fps else { return nil }
        let family = (fps * 1001 / 1000).rounded()
        if family > 0, fps != family, abs(fps - family * 1000 / 1001) < 0.01 { return Rational(Int64(family) * 1000, 1001) }
        return Rational(Int64((fps * 1000).rounded()), 1000)
    }
}

extension ProcessingOptions.Scaler {
    /// What each scaler can reach from a picture.
    ///
    /// Learned scalers restore while they enlarge, so their target is never lower than the picture in the shape it is
    /// shown in ("calculated aspect-ratio resolution"); going down is the work of `SCALE`.
    func check(_ target: PictureSize, from picture: SourceFormat, field: String, _ problems: ProblemCollector) {
        guard self != .scale else { return }
        let shown = PictureSize(
            width: TargetResolution.evenSide(Double(picture.size.height) * picture.displayAspectRatio.double),
            height: picture.size.height)
        if target.height < picture.size.height {
            problems.add(
                Problem(
                    .resolutionBelowSource, field: field, actual: target.description,
                    "\(rawValue) cannot go below the source's \(shown) in its shown shape; SCALE can"))
        }
        let limit: PictureSize? =
            switch self {
            case .dvres: PictureSize(width: 1920, height: 1080)
            case .pabsr1: PictureSize(width: shown.width * 4, height: shown.height * 4)
            case .dvres2, .scale: nil
            }
        if let limit, target.width > limit.width || target.height > limit.height {
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: field, actual: target.description,
                    "\(rawValue) reaches at most \(limit) from this source"))
        }
    }
}
