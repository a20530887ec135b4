import Picture
import Primitives

/// How much each product of a job has to do. Every filter is measured by the pixels it puts out, so that what comes after
/// an enlargement or a doubled frame rate counts for what it is.
package struct JobWork: Hashable, Sendable {
    /// One product and the pixels it puts out in the whole job.
    package struct Item: Hashable, Sendable {
        package let product: BillableProduct
        package let amount: Gigapixels

        package init(product: BillableProduct, amount: Gigapixels) {
            self.product = product
            self.amount = amount
        }
    }

    /// In the order of the pipeline, the encoder last.
    package let items: [Item]
    package let outputDurationMilliseconds: Int64
    /// Frames of the finished file.
    package let outputFrames: Int

    package init(items: [Item], outputDurationMilliseconds: Int64, outputFrames: Int) {
        self.items = items
        self.outputDurationMilliseconds = outputDurationMilliseconds
        self.outputFrames = outputFrames
    }

    /// What all products put out together.
    package var total: Gigapixels { items.reduce(.zero) { $0 + $1.amount } }
}

extension ProcessingRecipe {
    /// The work of this recipe on that many frames of its source.
    package func work(sourceFrames: Int) -> JobWork {
        let duration = Double(positions.durationMilliseconds) / 1000
        var frames = Double(sourceFrames)
        var size = source.size
        var items: [JobWork.Item] = []
        func add(_ product: BillableProduct) {
            items.append(JobWork.Item(product: product, amount: Gigapixels(pixels: frames * Double(size.width) * Double(size.height))))
        }
        if case .toneMapping = color.inputConversion { add(.toneMap) }
        if let deinterlacing {
            if deinterlacing.filter != .yadif { frames *= 2 }
            add(BillableProduct(deinterlacing.filter))
        }
        if let kept = crop?.rectangle(in: source.size) {
            size = PictureSize(width: kept.width, height: kept.height)
            add(.crop)
        }
        if let prescaledSize {
            size = prescaledSize
            add(.prescale)
        }
        if let denoiser { add(denoiser == .denoise ? .denoise : .hqdn3D) }
        if stabilizer != nil { add(.dejit) }
        if faceForward != nil { add(.faceForward) }
        if let scaling {
            size = scaling.target.size
            add(BillableProduct(scaling.filter))
        }
        if let frameRateConversion {
            frames = (frameRateConversion.frameRate.double * duration).rounded()
            add(BillableProduct(frameRateConversion.filter))
        }
        switch color.outputConversion {
        case .infiniteHDR: add(.infiniteHDR)
        case .inverseToneMapping: add(.inverseToneMap)
        case .none, .tagsOnly, .colorimetric: break
        }
        if debander != nil { add(.gradFun) }
        if filmGrain != nil { add(.filmGrain) }
        if let fixedOutputSize { size = fixedOutputSize }
        frames = (frames / Double(scan.framesPerFrame)).rounded(.up)
        add(BillableProduct(encoding.codec))
        return JobWork(
            items: items, outputDurationMilliseconds: Int64(positions.durationMilliseconds), outputFrames: Int(frames))
    }
}
