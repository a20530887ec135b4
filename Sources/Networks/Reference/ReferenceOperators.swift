import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Each operator in Double, as PyTorch defines it. Shapes have been checked with the graph.
enum ReferenceOperators {
    static func apply(_ operation: Operation, _ inputs: [ReferenceValue], tensors: [String: Tensor]) -> ReferenceValue {
        let first = inputs[0]
        func weights(_ name: String?) -> [Double] { name.flatMap { tensors[$0] }?.values.map(Double.init) ?? [] }
        switch operation {
        case .convolution(let kernel, let stride, let isDepthwise, let outChannels, let weight, let bias):
            return convolution(
                first, kernel: kernel, stride: stride, isDepthwise: isDepthwise, outChannels: outChannels, weight: weights(weight),
                bias: weights(bias))
        case .transposedConvolution(let kernel, let outChannels, let weight, let bias):
            return transposed(first, kernel: kernel, outChannels: outChannels, weight: weights(weight), bias: weights(bias))
        case .add: return combine(inputs) { $0 + $1 }
        case .multiply: return combine(inputs) { $0 * $1 }
        case .activate: return first
        case .concatenate:
            var joined = ReferenceValue(channels: 0, height: first.height, width: first.width)
            for input in inputs {
                joined.channels += input.channels
                joined.samples += input.samples
            }
            return joined
        case .slice(let start, let count):
            return ReferenceValue(channels: count, height: first.height, width: first.width) { first[start + $0, $1, $2] }
        case .pixelShuffle(let r):
            return ReferenceValue(channels: first.channels / (r * r), height: first.height * r, width: first.width * r) { c, y, x in
                first[c * r * r + (y % r) * r + x % r, y / r, x / r]
            }
        case .pixelUnshuffle(let r):
            return ReferenceValue(channels: first.channels * r * r, height: first.height / r, width: first.width / r) { c, y, x in
                first[c / (r * r), y * r + c % (r * r) / r, x * r + c % r]
            }
        case .resize(let mode, let scale): return resize(first, mode, scale)
        case .warp(let maximum): return warp(first, flow: inputs[1], maximum: maximum)
        case .globalAveragePool:
            let area = first.height * first.width
            return ReferenceValue(channels: first.channels, height: 1, width: 1) { channel, _, _ in
                first.samples[(channel * area)..<((channel + 1) * area)].reduce(0, +) / Double(area)
            }
        case .linear(let outFeatures, let weight, let bias):
            let (matrix, shift) = (weights(weight), weights(bias))
            return ReferenceValue(channels: outFeatures, height: 1, width: 1) { row, _, _ in
                var sum = shift.isEmpty ? 0 : shift[row]
                for column in 0..<first.channels { sum += matrix[row * first.channels + column] * first.samples[column] }
                return sum
            }
        case .modulate:
            return ReferenceValue(channels: first.channels, height: first.height, width: first.width) { c, y, x in
                first[c, y, x] * inputs[1].samples[c] + (inputs.count > 2 ? inputs[2].samples[c] : 0)
            }
        }
    }

    static func activate(_ activation: Activation, _ value: ReferenceValue, tensors: [String: Tensor]) -> ReferenceValue {
        var result = value
        let area = max(1, value.height * value.width)
        func map(_ function: (Double, Int) -> Double) {
            for index in result.samples.indices { result.samples[index] = function(result.samples[index], index / area) }
        }
        switch activation {
        case .none: break
        case .slope(let slope): map { x, _ in x >= 0 ? x : Double(slope) * x }
        case .learnedSlope(let name):
            let slopes = tensors[name]?.values ?? []
            map { x, channel in x >= 0 ? x : Double(slopes.count == 1 ? slopes[0] : slopes[channel]) * x }
        case .clamp(let low, let high): map { x, _ in min(max(x, Double(low)), Double(high)) }
        case .sigmoid: map { x, _ in 1 / (1 + exp(-x)) }
        case .tanh: map { x, _ in Glibc.tanh(x) }
        }
        return result
    }

    private static func combine(_ inputs: [ReferenceValue], _ function: (Double, Double) -> Double) -> ReferenceValue {
        var result = inputs[0]
        for index in result.samples.indices { result.samples[index] = function(result.samples[index], inputs[1].samples[index]) }
        return result
    }

    private static func convolution(
        _ input: ReferenceValue, kernel: Int, stride: Int, isDepthwise: Bool, outChannels: Int, weight: [Double], bias: [Double]
    ) -> ReferenceValue {
        let (height, width) = ((input.height + stride - 1) / stride, (input.width + stride - 1) / stride)
        let pad = kernel / 2
        let depth = isDepthwise ? 1 : input.channels
        return ReferenceValue(channels: outChannels, height: height, width: width) { out, y, x in
            var sum = bias.isEmpty ? 0 : bias[out]
            for k in 0..<depth {
                let channel = isDepthwise ? out : k
                for ky in 0..<kernel {
                    let row = y * stride + ky - pad
                    guard row >= 0, row < input.height else { continue }
                    for kx in 0..<kernel {
                        let column = x * stride + kx - pad
                        guard column >= 0, column < input.width else { continue }
                        sum += weight[((out * depth + k) * kernel + ky) * kernel + kx] * input[channel, row, column]
                    }
                }
            }
            return sum
        }
    }

    private static func transposed(
        _ input: ReferenceValue, kernel: Int, outChannels: Int, weight: [Double], bias: [Double]
    ) -> ReferenceValue {
        let pad = kernel == 4 ? 1 : 0
        return ReferenceValue(channels: outChannels, height: input.height * 2, width: input.width * 2) { out, y, x in
            var sum = bias.isEmpty ? 0 : bias[out]
            for ky in 0..<kernel where (y + pad - ky) % 2 == 0 {
                let row = (y + pad - ky) / 2
                guard y + pad >= ky, row < input.height else { continue }
                for kx in 0..<kernel where (x + pad - kx) % 2 == 0 {
                    let column = (x + pad - kx) / 2
                    guard x + pad >= kx, column < input.width else { continue }
                    for channel in 0..<input.channels {
                        sum += weight[((channel * outChannels + out) * kernel + ky) * kernel + kx] * input[channel, row, column]
                    }
                }
            }
            return sum
        }
    }

    private static func resize(_ input: ReferenceValue, _ mode: ResizeMode, _ scale: Scale) -> ReferenceValue {
        let width = input.width * scale.numerator / scale.denominator
        let height = input.height * scale.numerator / scale.denominator
        func taps(_ position: Int) -> (first: Int, weights: [Double]) {
            let source = (Double(position) + 0.5) * Double(scale.denominator) / Double(scale.numerator) - 0.5
            // PyTorch clamps the position itself for bilinear, and only the taps for bicubic; the results are the same.
            let whole = source.rounded(.down)
            let t = source - whole
            switch mode {
            case .bilinear: return (Int(whole), [1 - t, t])
            case .bicubic: return (Int(whole) - 1, [cubic(t + 1), cubic(t), cubic(1 - t), cubic(2 - t)])
            }
        }
        return ReferenceValue(channels: input.channels, height: height, width: width) { channel, y, x in
            let (rows, columns) = (taps(y), taps(x))
            var sum = 0.0
            for (j, v) in rows.weights.enumerated() {
                for (i, h) in columns.weights.enumerated() { sum += v * h * input.clamped(channel, rows.first + j, columns.first + i) }
            }
            return sum
        }
    }

    /// Keys' cubic convolution kernel with a = −0.75, for a distance in [0, 2].
    static func cubic(_ distance: Double) -> Double {
        let a = -0.75
        let d = distance
        if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    }

    private static func warp(_ input: ReferenceValue, flow: ReferenceValue, maximum: Int?) -> ReferenceValue {
        let most = Double(maximum ?? Operation.unboundedDisplacement)
        func bound(_ value: Double) -> Double { min(max(value, -most), most) }
        return ReferenceValue(channels: input.channels, height: input.height, width: input.width) { channel, y, x in
            let (dx, dy) = (bound(flow[0, y, x]), bound(flow[1, y, x]))
            let (px, py) = (dx.rounded(.down), dy.rounded(.down))
            let (tx, ty) = (dx - px, dy - py)
            let (column, row) = (x + Int(px), y + Int(py))
            let top = input.clamped(channel, row, column) * (1 - tx) + input.clamped(channel, row, column + 1) * tx
            let bottom = input.clamped(channel, row + 1, column) * (1 - tx) + input.clamped(channel, row + 1, column + 1) * tx
            return top * (1 - ty) + bottom * ty
        }
    }
}
