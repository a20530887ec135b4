import Picture

/// Collects the changes of size of luma.
struct ResizePlan {
    private(set) var size: PictureSize
    private(set) var steps: [ResizeStep] = []
    /// Those of the steps, without repetition.
    var networks: [ModelIdentity] {
        var found: [ModelIdentity] = []
        for case .network(let step) in steps where !found.contains(step.identity) { found.append(step.identity) }
        return found
    }

    init(from size: PictureSize) { self.size = size }

    /// Adds a resampling, unless it would change nothing.
    mutating func resample(_ kernel: ResampleKernel, to target: PictureSize) {
        guard target != size else { return }
        steps.append(.resample(ResampleSteps(kernel: kernel, from: size, to: target)))
        size = target
    }

    /// Adds the networks for a ratio (the larger of width's and height's) and the resampling that is left.
    mutating func superResolve(_ variant: SuperResolutionVariant, to target: PictureSize, models: FilterModels)
        throws(FilterError)
    {
        let ratio = max(Double(target.width) / Double(size.width), Double(target.height) / Double(size.height))
        let chain = models.chain(variant: variant, ratio: ratio)
        guard !chain.isEmpty || ratio <= 1 else { throw .missingModel("\(variant.rawValue) for ×\(ratio)") }
        for entry in chain {
            let step = SuperResolutionStep(
                identity: entry.identity, ratio: entry.ratio, inputSize: size, macPerSample: entry.macPerSample)
            steps.append(.network(step))
            size = step.outputSize
        }
        resample(.lanczos3, to: target)
    }
}
