package import Picture

/// One change of size of the luma plane.
package enum ResizeStep: Hashable, Sendable, Codable {
    case resample(ResampleSteps)
    /// A network of the scaler, followed by the lock of its low frequencies.
    case network(SuperResolutionStep)

    package var outputSize: PictureSize {
        switch self {
        case .resample(let steps): PictureSize(width: steps.columns.outputCount, height: steps.rows.outputCount)
        case .network(let step): step.outputSize
        }
    }
}

/// Both axes of a separable resampling; columns come first.
package struct ResampleSteps: Hashable, Sendable, Codable {
    package let columns: ResampleAxis
    package let rows: ResampleAxis

    package init(columns: ResampleAxis, rows: ResampleAxis) {
        self.columns = columns
        self.rows = rows
    }

    /// Between two luma planes.
    package init(kernel: ResampleKernel, from input: PictureSize, to output: PictureSize) {
        columns = ResampleAxis(kernel: kernel, inputPicture: input.width, input: .full, outputPicture: output.width, output: .full)
        rows = ResampleAxis(kernel: kernel, inputPicture: input.height, input: .full, outputPicture: output.height, output: .full)
    }

    package var isIdentity: Bool { columns.isIdentity && rows.isIdentity }
    package var outputSize: PictureSize { PictureSize(width: columns.outputCount, height: rows.outputCount) }

    /// Multiply-adds for each output sample.
    package var macPerSample: Double {
        let across = columns.isIdentity ? 0 : Double(columns.taps.tapCount) * Double(rows.inputCount) / Double(rows.outputCount)
        return across + (rows.isIdentity ? 0 : Double(rows.taps.tapCount))
    }
}

/// One network of the scaler.
package struct SuperResolutionStep: Hashable, Sendable, Codable {
    package let identity: ModelIdentity
    /// Output samples for each input sample, along one axis.
    package let ratio: Int
    package let inputSize: PictureSize
    /// Multiply-adds for each output sample.
    package let macPerSample: Double

    package var outputSize: PictureSize { PictureSize(width: inputSize.width * ratio, height: inputSize.height * ratio) }
}
