/// An activation as the kernels take it: a kind, bounds, and a slope for each channel.
struct ActivationCode {
    /// `ACTIVATION_…` of net_common.glsl.
    let kind: UInt32
    let low: Float
    let high: Float
    /// One for each channel; 1 where it does nothing.
    let slopes: [Float]

    init(_ activation: Activation, channels: Int, tensors: [String: Tensor]) {
        var kind: UInt32 = 0
        var bounds: (Float, Float) = (0, 0)
        var slopes = [Float](repeating: 1, count: channels)
        switch activation {
        case .none: break
        case .slope(let slope): slopes = [Float](repeating: slope, count: channels)
        case .learnedSlope(let name):
            let values = tensors[name]?.values ?? []
            slopes = values.count == 1 ? [Float](repeating: values[0], count: channels) : values
        case .clamp(let low, let high):
            kind = 1
            bounds = (low, high)
        case .sigmoid: kind = 2
        case .tanh: kind = 3
        }
        self.kind = kind
        (low, high) = bounds
        self.slopes = slopes
    }
}
