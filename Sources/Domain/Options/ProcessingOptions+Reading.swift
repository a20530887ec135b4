import Picture

extension ProcessingOptions {
    /// The names an options object may have.
    package static let members = [
        "encodingProfile", "encodingConfiguration", "container", "filters", "filterSettings", "processingSettings",
    ]

    /// Reads the contract's form. Everything that is missing, mistyped, unknown or out of range goes to the collector.
    package init(reading json: JSON, path: String = "", problems: ProblemCollector) {
        self.init(ObjectReader(json, path: path, known: Self.members, problems: problems))
    }

    /// Reads the contract's form; throws all problems at once.
    package init(json: JSON) throws(ValidationFailure) {
        let problems = ProblemCollector()
        self.init(reading: json, problems: problems)
        try problems.check()
    }

    private init(_ reader: ObjectReader) {
        encodingProfile = reader.choice("encodingProfile", of: EncodingProfile.self)
        encodingConfiguration = reader.object("encodingConfiguration", known: ["codec", "pixelFormat", "bitrate"]) { .init($0) }
        container = reader.choice("container", of: MediaContainer.self)
        filters = reader.object("filters", known: Filters.members) { Filters($0) }
        filterSettings = reader.object("filterSettings", known: FilterSettings.members) { FilterSettings($0) }
        processingSettings = reader.object("processingSettings", known: ProcessingSettings.members) { ProcessingSettings($0) }
    }
}

extension ProcessingOptions.EncodingConfiguration {
    init(_ reader: ObjectReader) {
        codec = reader.choice("codec", of: ProcessingOptions.Codec.self)
        // `name` is the server's to say; clients send it back.
        pixelFormat = reader.object("pixelFormat", known: ["yuv", "bitDepth", "name"]) { .init($0) }
        bitrate = reader.integer("bitrate", in: Self.bitrates)
    }
}

extension ProcessingOptions.PixelFormat {
    init(_ reader: ObjectReader) {
        yuv = reader.choice("yuv", of: ProcessingOptions.ChromaSubsampling.self)
        let depth = reader.integer("bitDepth", in: 8...12).map(Int.init)
        bitDepth = depth.flatMap(ProcessingOptions.BitDepth.init)
        if let depth, bitDepth == nil {
            reader.problems.add(Problem(field: reader.path("bitDepth"), actual: "\(depth)", "must be one of 8, 10, 12"))
        }
    }
}

extension ProcessingOptions.Filters {
    static let members = [
        "deinterlacer", "reshaper", "prescaler", "denoiser", "stabilizer", "augmenter", "scaler", "frameRateConverter", "debander",
        "postProcessor",
    ]

    init(_ reader: ObjectReader) {
        deinterlacer = reader.choice("deinterlacer", of: ProcessingOptions.Deinterlacer.self)
        reshaper = reader.choice("reshaper", of: ProcessingOptions.Reshaper.self)
        prescaler = reader.choice("prescaler", of: ProcessingOptions.Prescaler.self)
        denoiser = reader.choice("denoiser", of: ProcessingOptions.Denoiser.self)
        stabilizer = reader.choice("stabilizer", of: ProcessingOptions.Stabilizer.self)
        augmenter = reader.choice("augmenter", of: ProcessingOptions.Augmenter.self)
        scaler = reader.choice("scaler", of: ProcessingOptions.Scaler.self)
        frameRateConverter = reader.choice("frameRateConverter", of: ProcessingOptions.FrameRateConverter.self)
        debander = reader.choice("debander", of: ProcessingOptions.Debander.self)
        postProcessor = reader.choice("postProcessor", of: ProcessingOptions.PostProcessor.self)
    }
}

extension ProcessingOptions.FilterSettings {
    static let members = [
        "interlacedFieldOrderMode", "normalizedCropCoordinates", "cropRectangle", "prescaledResolution", "faceForward", "dvres2Variant",
        "clarityBoost", "resolution", "frameRate", "filmGrain",
    ]

    init(_ reader: ObjectReader) {
        interlacedFieldOrderMode = reader.choice("interlacedFieldOrderMode", of: ProcessingOptions.InterlacedFieldOrderMode.self)
        normalizedCropCoordinates = reader.object("normalizedCropCoordinates", known: ["x1", "y1", "x2", "y2"]) { .init($0) }
        cropRectangle = nil
        prescaledResolution = reader.object("prescaledResolution", known: ["width", "height"]) { PictureSize($0) }
        faceForward = reader.object(
            "faceForward", known: ["colorBoost", "autoWhiteBalance", "relightIntensity", "backgroundBlur"]
        ) { .init($0) }
        dvres2Variant = reader.choice("dvres2Variant", of: ProcessingOptions.DVRES2Variant.self)
        clarityBoost = reader.choice("clarityBoost", of: ProcessingOptions.ClarityBoost.self)
        resolution = reader.object("resolution", known: ["tag", "width", "height", "aspectRatioTag"]) { .init($0) }
        frameRate = reader.object("frameRate", known: ["tag", "fps"]) { .init($0) }
        filmGrain = reader.object("filmGrain", known: ["grainSize", "grainStrength"]) { .init($0) }
    }
}

extension ProcessingOptions.CropCoordinates {
    init(_ reader: ObjectReader) {
        x1 = reader.requiredNumber("x1", in: 0...1)
        y1 = reader.requiredNumber("y1", in: 0...1)
        x2 = reader.requiredNumber("x2", in: 0...1)
        y2 = reader.requiredNumber("y2", in: 0...1)
    }
}

extension PictureSize {
    /// The prescaler's size.
    init(_ reader: ObjectReader) {
        self.init(
            width: Int(reader.requiredInteger("width", in: 16...7680)), height: Int(reader.requiredInteger("height", in: 16...4320)))
    }
}

extension ProcessingOptions.FaceForward {
    init(_ reader: ObjectReader) {
        colorBoost = Int(reader.requiredInteger("colorBoost", in: 0...30))
        autoWhiteBalance = reader.requiredBoolean("autoWhiteBalance")
        relightIntensity = Int(reader.requiredInteger("relightIntensity", in: 0...200))
        backgroundBlur = Int(reader.requiredInteger("backgroundBlur", in: 0...20))
    }
}

extension ProcessingOptions.Resolution {
    init(_ reader: ObjectReader) {
        tag = reader.choice("tag", of: ProcessingOptions.ResolutionTag.self)
        width = reader.integer("width", in: 16...7680).map(Int.init)
        height = reader.integer("height", in: 16...4320).map(Int.init)
        aspectRatioTag = reader.choice("aspectRatioTag", of: ProcessingOptions.AspectRatioTag.self)
    }
}

extension ProcessingOptions.FrameRate {
    init(_ reader: ObjectReader) {
        tag = reader.choice("tag", of: ProcessingOptions.FrameRateTag.self)
        fps = reader.number("fps", in: 0.001...999)
    }
}

extension ProcessingOptions.FilmGrain {
    init(_ reader: ObjectReader) {
        reader.require("grainSize")
        grainSize = reader.choice("grainSize", of: ProcessingOptions.GrainSize.self) ?? .medium
        grainStrength = Int(reader.requiredInteger("grainStrength", in: 0...50))
    }
}
