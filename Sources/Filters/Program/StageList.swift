import ColorScience
import Picture

/// Puts the steps of a program into words and figures.
struct StageList {
    let request: PictureRequest
    let window: PixelRect
    let matrixIn: GradeStep?
    let luma: [ResizeStep]
    let chroma: ResampleSteps?
    let guide: FilterModels.ChromaGuide?
    let local: LocalPlan?
    let highlights: HighlightPlan?
    let grade: GradeStep?
    let meter: MeterStep?
    let finish: MeterStep?
    let left: Int
    let top: Int

    var stages: [PictureStage] {
        var stages = [unpack]
        if matrixIn != nil {
            stages.append(
                stage(
                    .matrixIn, "the networks of the scaler work on luma; the source is R′G′B′", window.size, window.size, mac: 9, bytes: 24)
            )
        }
        var size = window.size
        for step in luma {
            stages += resize(step, from: size)
            size = step.outputSize
        }
        if let chroma, !chroma.isIdentity {
            let share = Double(chroma.outputSize.sampleCount) / Double(request.scaled.sampleCount)
            stages.append(
                stage(
                    .chroma, chromaReason, window.size, request.scaled, mac: 2 * share * chroma.macPerSample,
                    bytes: 2 * share * bytes(of: chroma)))
        }
        if let guide {
            let reason = "\(guide.identity.name): chroma follows the edges of luma"
            stages.append(stage(.chromaGuide, reason, request.scaled, request.scaled, mac: guide.macPerSample, bytes: 20))
            stages.append(
                stage(.lowFrequencyLock, "the network must not shift mean color", request.scaled, request.scaled, mac: 16, bytes: 24))
        }
        if let local {
            let reason = "\(local.identity.name): light by place and brightness from \(local.survey.grid) means, strength \(local.strength)"
            let mac = 15 + share(of: local.survey) * LocalPlan.macPerSquare
            stages.append(stage(.localModulation, reason, request.scaled, request.scaled, mac: mac, bytes: 12))
        }
        if let highlights {
            let reason = "\(highlights.identity.name): clipped areas from \(highlights.grid) means, strength \(highlights.strength)"
            // Both networks see one survey.
            let mac = (local == nil ? 15 : 0) + share(of: highlights.survey) * HighlightPlan.macPerSquare
            stages.append(stage(.highlights, reason, request.scaled, request.scaled, mac: mac, bytes: local == nil ? 12 : 0))
        }
        if let grade { stages.append(color(grade)) }
        if let meter { stages.append(measurement(meter)) }
        if request.deband {
            stages.append(stage(.deband, "asked for: GRADFUN", request.scaled, request.scaled, mac: 3 * 8, bytes: 3 * 12))
        }
        if let grain = request.grain {
            stages.append(
                stage(
                    .grain, "asked for: \(grain.size.rawValue) at \(grain.strength)", request.scaled, request.scaled, mac: 49, bytes: 8))
        }
        if let finish { stages.append(measurement(finish)) }
        stages.append(quantise)
        return stages
    }

    private var unpack: PictureStage {
        let samples = Double(request.input.layout.byteCount / request.input.pixels.bytesPerSample) / Double(request.input.size.sampleCount)
        let cropped = window.size == request.input.size ? "" : ", window \(window.size) at \(window.x), \(window.y)"
        return stage(
            .unpack, "\(request.input.pixels.name), \(request.input.tags.range.rawValue) range to normalised floats\(cropped)", window.size,
            window.size, mac: samples, bytes: samples * Double(request.input.pixels.bytesPerSample + 4))
    }

    private func resize(_ step: ResizeStep, from size: PictureSize) -> [PictureStage] {
        switch step {
        case .resample(let steps):
            let kind: PictureStage.Kind = request.prescaled == step.outputSize && size == window.size ? .prescale : .resample
            return [
                stage(
                    kind, "luma by \(steps.columns.kernel.rawValue)", size, step.outputSize, mac: steps.macPerSample,
                    bytes: bytes(of: steps))
            ]
        case .network(let network):
            return [
                stage(
                    .superResolution, "\(network.identity.name) ×\(network.ratio) on luma", size, step.outputSize,
                    mac: network.macPerSample,
                    bytes: 4 + 4 / Double(network.ratio * network.ratio)),
                stage(.lowFrequencyLock, "the network must not shift mean color", size, step.outputSize, mac: 8, bytes: 12),
            ]
        }
    }

    private var chromaReason: String {
        let target =
            guide != nil
            ? "4:4:4 for the chroma network"
            : grade == nil ? "the chroma grid of \(request.output.pixels.name)" : "4:4:4 for the color stage"
        return "chroma by catmullRom, sited \(request.input.tags.siting), to \(target)"
    }

    private func color(_ grade: GradeStep) -> PictureStage {
        let planes = request.output.pixels.model == .gray && request.input.pixels.model == .gray ? 1.0 : 3.0
        let (reason, mac): (String, Double) =
            switch grade.operation {
            case .none, .clamp: ("matrix \(request.input.tags.matrix) to \(request.output.tags.matrix)", 18)
            case .path:
                (
                    "\(request.input.tags.transfer) \(request.input.tags.primaries) to \(request.output.tags.transfer) \(request.output.tags.primaries)",
                    150
                )
            case .look: ("INFINITEHDR table of the shot, tetrahedral", 18 + 24)
            }
        return stage(
            .color, grade.meters ? "\(reason); light levels measured" : reason, request.scaled, request.scaled, mac: mac, bytes: planes * 8)
    }

    private func measurement(_ meter: MeterStep) -> PictureStage {
        let chroma = meter.chroma.map { (mac: 2 * $0.macPerSample, bytes: 2 * bytes(of: $0)) } ?? (mac: 0, bytes: 0)
        let reason =
            meter.grade.limit == nil
            ? "light levels measured; no number changes"
            : meter.grade.meters ? "nothing above the peak; light levels measured" : "nothing above the peak"
        return stage(
            .color, reason, request.scaled, request.scaled, mac: 18 + chroma.mac,
            bytes: (meter.isGray ? 1 : 3) * 8 + chroma.bytes)
    }

    /// Squares of a survey for each pixel.
    private func share(of survey: SurveyGrid) -> Double {
        Double(survey.grid.sampleCount) / Double(request.scaled.sampleCount)
    }

    private var quantise: PictureStage {
        let output = request.output
        let samples = Double(output.layout.byteCount / output.pixels.bytesPerSample) / Double(output.size.sampleCount)
        let placed = request.scaled == output.size ? "" : ", placed at \(left), \(top) of \(output.size)"
        return stage(
            .quantise, "\(output.pixels.name), \(output.tags.range.rawValue) range, \(request.dither.rawValue) dither\(placed)",
            request.scaled, output.size, mac: samples * 10, bytes: 12 + samples * Double(output.pixels.bytesPerSample))
    }

    private func bytes(of steps: ResampleSteps) -> Double {
        let output = Double(steps.outputSize.sampleCount)
        let source = Double(steps.columns.inputCount * steps.rows.inputCount)
        let between = Double(steps.columns.outputCount * steps.rows.inputCount)
        return 4 * (source + 2 * between + output) / output
    }

    private func stage(
        _ kind: PictureStage.Kind, _ reason: String, _ input: PictureSize, _ output: PictureSize, mac: Double, bytes: Double
    ) -> PictureStage {
        PictureStage(kind: kind, reason: reason, inputSize: input, outputSize: output, macPerPixel: mac, bytesPerPixel: bytes)
    }
}
