/// How the uniform block of net_convolve holds the weights of a group of output channels.
enum WeightPacking {
    /// [bias][slope][input channel][tap][output channel], 32-bit floats.
    case single
    /// [bias][slope][scale] in 32-bit floats, then [input channel][tap][output channel] in 16-bit ones, divided by the scale.
    case half

    /// The largest that the magnitudes of a block's 16-bit weights add up to: samples end at 65504, so no sum of a block
    /// passes half of that, whatever the samples are.
    static let largestBlock: Float = 0.5

    /// What one output channel is made with.
    struct Channel {
        /// [input channel][tap].
        let weights: ArraySlice<Float>
        let bias: Float
        let slope: Float
    }

    /// 32-bit words of a group.
    func wordCount(inputs: Int, taps: Int, outputs: Int) -> Int {
        self == .half ? 3 * outputs + (inputs * taps * outputs + 1) / 2 : (2 + inputs * taps) * outputs
    }

    /// - Parameter padded: output channels of the kernel, an even number, at least as many as there are.
    func words(_ channels: [Channel], padded: Int, taps: Int) -> [UInt32] {
        let perOutput = channels.first?.weights.count ?? 0
        let scales = channels.map { self == .half ? Self.scale($0.weights, taps: taps) : 1 }
        var headers = [Float](repeating: 0, count: (self == .half ? 3 : 2) * padded)
        var numbers = [Float](repeating: 0, count: perOutput * padded)
        for (index, channel) in channels.enumerated() {
            headers[index] = channel.bias
            headers[padded + index] = channel.slope
            if self == .half { headers[2 * padded + index] = scales[index] }
            for (place, weight) in channel.weights.enumerated() { numbers[place * padded + index] = weight / scales[index] }
        }
        let leading = headers.map(\.bitPattern)
        guard self == .half else { return leading + numbers.map(\.bitPattern) }
        return leading
            + stride(from: 0, to: numbers.count, by: 2).map { place in
                UInt32(Float16(numbers[place]).bitPattern) | UInt32(Float16(numbers[place + 1]).bitPattern) << 16
            }
    }

    /// The least power of two that brings every block, the taps of one input channel, within `largestBlock`.
    static func scale(_ weights: ArraySlice<Float>, taps: Int) -> Float {
        var largest: Float = 0
        for start in stride(from: weights.startIndex, to: weights.endIndex, by: taps) {
            largest = max(largest, weights[start..<min(start + taps, weights.endIndex)].reduce(0) { $0 + abs($1) })
        }
        guard largest > 0 else { return 1 }
        var scale = Float(sign: .plus, exponent: (largest / largestBlock).exponent, significand: 1)
        if largest / scale > largestBlock { scale *= 2 }
        return scale
    }
}
