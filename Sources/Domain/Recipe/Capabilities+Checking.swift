package import Picture

extension Capabilities {
    /// Adds a problem for every option that this build cannot carry out, each with what is available instead.
    func check(_ options: ProcessingOptions, problems: ProblemCollector) {
        let filters = options.filters
        refuse(filters?.deinterlacer, unlessIn: deinterlacers, "filters.deinterlacer", problems)
        refuse(filters?.reshaper, unlessIn: reshapers, "filters.reshaper", problems)
        refuse(filters?.prescaler, unlessIn: prescalers, "filters.prescaler", problems)
        refuse(filters?.denoiser, unlessIn: denoisers, "filters.denoiser", problems)
        refuse(filters?.stabilizer, unlessIn: stabilizers, "filters.stabilizer", problems)
        refuse(filters?.augmenter, unlessIn: augmenters, "filters.augmenter", problems)
        refuse(filters?.scaler, unlessIn: scalers, "filters.scaler", problems)
        if filters?.scaler == .dvres2 {
            refuse(options.filterSettings?.dvres2Variant ?? .generic, unlessIn: dvres2Variants, "filterSettings.dvres2Variant", problems)
        }
        refuse(filters?.frameRateConverter, unlessIn: frameRateConverters, "filters.frameRateConverter", problems)
        refuse(filters?.debander, unlessIn: debanders, "filters.debander", problems)
        refuse(filters?.postProcessor, unlessIn: postProcessors, "filters.postProcessor", problems)
        let settings = options.processingSettings
        refuse(settings?.fixedOutputResolution, unlessIn: fixedOutputResolutions, "processingSettings.fixedOutputResolution", problems)
        refuse(settings?.outputScanning, unlessIn: outputScannings, "processingSettings.outputScanning", problems)
    }

    /// The same for what only the worked-out recipe shows: encoding, colour conversions and interlaced sources.
    func check(_ recipe: ProcessingRecipe, problems: ProblemCollector) {
        check(recipe.encoding, problems)
        check(recipe.color, problems)
        if let scaling = recipe.scaling, scaling.filter != .bicubic {
            let (height, target) = (recipe.unscaled.size.height, scaling.target.size)
            if target.height > height * maximumEnlargement {
                problems.add(
                    Problem(
                        .unavailable, field: "filterSettings.resolution", actual: target.description,
                        "is more than \(maximumEnlargement) times the picture's height of \(height); available: up to "
                            + "\(height * maximumEnlargement) lines"))
            }
        }
        checkSamples(recipe, problems)
    }

    /// FFmpeg's filters do not take every kind of sample.
    private func checkSamples(_ recipe: ProcessingRecipe, _ problems: ProblemCollector) {
        let format = recipe.source.format
        func refuse(_ field: String, _ name: String, _ allowed: String) {
            problems.add(
                Problem(.unavailable, field: field, actual: name, "does not take the source's \(format.name); available: \(allowed)"))
        }
        if let deinterlacing = recipe.deinterlacing, deinterlacing.filter != .deint, format.model == .rgb {
            refuse("filters.deinterlacer", deinterlacing.filter.rawValue, "Y′CbCr and gray sources")
        }
        if recipe.denoiser == .hqdn3D, format.model != .ycbcr {
            refuse("filters.denoiser", ProcessingOptions.Denoiser.hqdn3D.rawValue, "Y′CbCr sources")
        }
        if recipe.frameRateConversion?.filter == .motionInterpolate {
            let (name, others) = (
                ProcessingOptions.FrameRateConverter.motionInterpolate.rawValue, frameRateConverters.filter { $0 != .motionInterpolate }
            )
            if format.model == .rgb {
                refuse("filters.frameRateConverter", name, "Y′CbCr sources, and for this one \(names(others))")
            }
            // It takes 8 bits: deeper samples are rounded with dither, which light coded for HDR does not survive.
            if recipe.color.working.isHDR {
                problems.add(
                    Problem(
                        .unavailable, field: "filters.frameRateConverter", actual: name,
                        "works in 8 bits, too few for HDR; available: the same with a toneMapper, and \(names(others))"))
            }
        }
    }

    private func check(_ encoding: OutputEncoding, _ problems: ProblemCollector) {
        let available = encodings.contains { available in
            available.codec == encoding.codec && available.containers.contains(encoding.container)
                && available.chroma.contains { $0.subsampling == encoding.format.subsampling }
                && available.bitDepths.contains { $0.rawValue == encoding.format.bitDepth }
        }
        guard !available else { return }
        let field = encoding.profile == nil ? "encodingConfiguration" : "encodingProfile"
        problems.add(
            Problem(
                .unavailable, field: field,
                actual:
                    "\(encoding.profile?.rawValue ?? encoding.codec.rawValue) \(encoding.format.name) in \(encoding.container.rawValue)",
                "cannot be encoded by this build yet; available: \(encodings.map(\.description).joined(separator: "; "))"))
    }

    private func check(_ color: ColorPlan, _ problems: ProblemCollector) {
        let input = "processingSettings.inputColorSpaceConversion"
        let output = "processingSettings.outputColorSpaceConversion"
        switch color.inputConversion {
        case .none: break
        case .colorimetric: refuseColorimetry(input, problems)
        case .toneMapping(let algorithm, _, _): refuse(algorithm, unlessIn: toneMappings, input + ".toneMapper.algorithm", problems)
        }
        switch color.outputConversion {
        case .none, .tagsOnly: break
        case .colorimetric: refuseColorimetry(output, problems)
        case .infiniteHDR:
            refuse(
                ProcessingOptions.InverseToneMapping.infiniteHDR, unlessIn: inverseToneMappings, output + ".inverseToneMapper.algorithm",
                problems)
            refuse(color.hdr?.format, unlessIn: hdrFormats, output + ".colorProfile.hdrFormat", problems)
        case .inverseToneMapping(let algorithm, _, _):
            refuse(algorithm, unlessIn: inverseToneMappings, output + ".inverseToneMapper.algorithm", problems)
            refuse(color.hdr?.format, unlessIn: hdrFormats, output + ".colorProfile.hdrFormat", problems)
        }
    }

    private func refuseColorimetry(_ field: String, _ problems: ProblemCollector) {
        guard !convertsColorimetry else { return }
        problems.add(
            Problem(
                .unavailable, field: field, actual: nil,
                "asks for a conversion of colorimetry, which this build cannot carry out yet; available: metadataOnly true, "
                    + "and SDR to HDR with \(names(inverseToneMappings))"))
    }

    private func refuse<Option: RawRepresentable<String> & Equatable>(
        _ option: Option?, unlessIn available: [Option], _ field: String, _ problems: ProblemCollector
    ) {
        guard let option, !available.contains(option) else { return }
        problems.add(
            Problem(
                .unavailable, field: field, actual: option.rawValue, "is not available in this build yet; available: \(names(available))"))
    }

    private func names(_ options: [some RawRepresentable<String>]) -> String {
        options.isEmpty ? "none" : options.map(\.rawValue).joined(separator: ", ")
    }
}

extension ProcessingOptions.ChromaSubsampling {
    /// The layout of this name.
    package var subsampling: Picture.ChromaSubsampling {
        switch self {
        case .yuv420: .yuv420
        case .yuv422: .yuv422
        case .yuv444: .yuv444
        }
    }
}
