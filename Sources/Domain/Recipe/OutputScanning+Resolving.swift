package import Picture
package import Primitives

/// How the frames of a rendition hold their lines.
package enum OutputScan: Hashable, Sendable, Codable {
    /// Every frame is one moment.
    case progressive
    /// Two frames of the pipeline become one: the field of this name is the earlier one's.
    case woven(FieldOrder)
    /// The source's own fields, which no step has mixed.
    case kept(FieldOrder)

    /// Of the rendition.
    package var fieldOrder: FieldOrder {
        switch self {
        case .progressive: .progressive
        case .woven(let order), .kept(let order): order
        }
    }

    /// Frames of the pipeline that one frame of the rendition holds.
    package var framesPerFrame: Int { if case .woven = self { 2 } else { 1 } }
}

extension ProcessingRecipe {
    /// An interlaced source without a deinterlacer keeps its fields, unless they are asked for as progressive frames, which
    /// is refused; anything else is progressive, and woven where that is asked for.
    package var scan: OutputScan {
        let order = source.fieldOrder
        if order.isInterlaced, deinterlacing == nil { return .kept(order) }
        return switch outputScanning {
        case .interlacedTopFirst: .woven(.topFirst)
        case .interlacedBottomFirst: .woven(.bottomFirst)
        case .auto, .progressive: .progressive
        }
    }

    /// Frames a second that the rendition stores; nil where the rate varies.
    package var storedFrameRate: Rational? {
        let doubling = deinterlacing?.filter.doublesFrameRate == true ? Rational(2, 1) : Rational(1, 1)
        let rate = frameRateConversion?.frameRate ?? source.frameRate.map { $0 * doubling }
        return rate.map { $0 * Rational(1, Int64(scan.framesPerFrame)) }
    }

    /// Adds a problem for everything that does not go with an interlaced rendition.
    func checkScan(_ problems: ProblemCollector) {
        let field = "processingSettings.outputScanning"
        let scan = scan
        guard scan.fieldOrder.isInterlaced else { return }
        if case .kept(let order) = scan { checkKept(order, problems) }
        if case .woven = scan, storedFrameRate == nil {
            problems.add(
                Problem(
                    field: field, actual: outputScanning.rawValue,
                    "needs a constant frame rate; choose one with a frameRateConverter"))
        }
        let lines = encoding.format.subsampling.verticalShift == 0 ? 2 : 4
        if output.size.height % lines != 0 {
            problems.add(
                Problem(
                    .resolutionOutOfRange, field: "filterSettings.resolution", actual: output.size.description,
                    "fields of \(encoding.format.name) need a height divisible by \(lines); choose such a size with a scaler"))
        }
        if !encoding.codec.codesFields {
            problems.add(
                Problem(
                    field: field, actual: outputScanning.rawValue,
                    "\(encoding.codec.rawValue) is coded as whole pictures; interlaced are "
                        + OutputCodec.allCases.filter(\.codesFields).map(\.rawValue).joined(separator: ", ")
                        + (source.fieldOrder.isInterlaced ? "; or choose a deinterlacer" : "")))
        } else if scan.fieldOrder == .bottomFirst, !encoding.carriesBottomFirst {
            problems.add(
                Problem(
                    field: field, actual: outputScanning.rawValue,
                    "\(encoding.codec.rawValue) in \(encoding.container.rawValue) is top field first; choose INTERLACED_TOP_FIRST with a "
                        + "deinterlacer, or another container"))
        }
    }

    /// Fields stay what they are only where no step mixes lines.
    private func checkKept(_ order: FieldOrder, _ problems: ProblemCollector) {
        var mixing: [String] = []
        if denoiser != nil { mixing.append("denoiser") }
        if stabilizer != nil { mixing.append("stabilizer") }
        if faceForward != nil { mixing.append("augmenter") }
        if frameRateConversion != nil { mixing.append("frameRateConverter") }
        if debander != nil { mixing.append("debander") }
        if filmGrain != nil { mixing.append("postProcessor") }
        let steps = mixing
        let lines = source.format.subsampling.verticalShift == 0 ? 2 : 4
        let kept = crop?.rectangle(in: source.size)
        if output.size.height != source.size.height { mixing.append("a change of height") }
        if prescaledSize != nil, prescaledSize?.height != source.size.height { mixing.append("prescaler") }
        if let kept, kept.height != source.size.height || (kept.y ?? 0) % lines != 0 { mixing.append("reshaper") }
        if case .deepRestoration2 = scaling?.filter { mixing.append("scaler") }
        if case .superResolution = scaling?.filter { mixing.append("scaler") }
        if case .deepRestoration = scaling?.filter { mixing.append("scaler") }
        // Lines of chroma that serve two lines of luma belong to one field; a step that computes colors would mix them.
        let isShared = source.format.subsampling.verticalShift > 0
        let convertsColor = color.inputConversion != .none || (color.outputConversion != .none && color.outputConversion != .tagsOnly)
        if isShared, convertsColor { mixing.append("a conversion of color at \(source.format.name)") }
        if source.format.subsampling.verticalShift != encoding.format.subsampling.verticalShift {
            mixing.append("\(source.format.name) to \(encoding.format.name)")
        }
        if source.isTurned { mixing.append("turning the picture as its file asks") }
        if !mixing.isEmpty {
            problems.add(
                Problem(
                    field: "filters.deinterlacer", actual: nil,
                    "the source is interlaced and \(mixing.joined(separator: ", ")) would mix its fields; choose a deinterlacer"
                        + (steps.isEmpty && !source.isTurned ? ", or leave height, chroma and color as they are" : "")))
        }
        let wanted: FieldOrder? =
            switch outputScanning {
            case .auto: nil
            case .progressive: .progressive
            case .interlacedTopFirst: .topFirst
            case .interlacedBottomFirst: .bottomFirst
            }
        if let wanted, wanted != order {
            problems.add(
                Problem(
                    field: "filters.deinterlacer", actual: nil,
                    "is needed to make \(outputScanning.rawValue) of a source with the "
                        + (order == .topFirst ? "top" : "bottom") + " field first; without one outputScanning AUTO keeps its fields"))
        }
    }
}

extension OutputCodec {
    /// Whether the encoder of this build codes fields as fields.
    package var codesFields: Bool {
        switch self {
        case .h264, .mpeg2, .xdcam, .ffv1, .proRes, .dnxhd: true
        // x265 codes each field as a picture of its own, which no container here tells; DNxHR is progressive by definition.
        case .hevc, .dnxhr: false
        }
    }
}

extension OutputEncoding {
    /// Whether a file says that the bottom field comes first. FFmpeg's MXF muxer says so for MPEG-2 alone; XDCAM has the
    /// top field first.
    var carriesBottomFirst: Bool { codec != .xdcam && (container != .mxf || codec == .mpeg2) }
}
