/// A value of a graph in Double: a map of channels × height × width, or a vector (height = width = 1).
struct ReferenceValue {
    var channels: Int
    var height: Int
    var width: Int
    var samples: [Double]

    init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
        samples = [Double](repeating: 0, count: channels * height * width)
    }

    init(channels: Int, height: Int, width: Int, at sample: (Int, Int, Int) -> Double) {
        self.init(channels: channels, height: height, width: width)
        for channel in 0..<channels {
            for y in 0..<height {
                for x in 0..<width { self[channel, y, x] = sample(channel, y, x) }
            }
        }
    }

    /// - Precondition: of rank 1 (vector) or 3 (map).
    init(_ tensor: Tensor) {
        let isMap = tensor.shape.count == 3
        self.init(channels: tensor.shape[0], height: isMap ? tensor.shape[1] : 1, width: isMap ? tensor.shape[2] : 1)
        for (index, value) in tensor.values.enumerated() { samples[index] = Double(value) }
    }

    subscript(channel: Int, y: Int, x: Int) -> Double {
        get { samples[(channel * height + y) * width + x] }
        set { samples[(channel * height + y) * width + x] = newValue }
    }

    /// The sample nearest to a place that may lie outside.
    func clamped(_ channel: Int, _ y: Int, _ x: Int) -> Double {
        self[channel, min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
    }

    /// The map grown at the right and bottom by edge replication, or cropped there.
    func resized(width newWidth: Int, height newHeight: Int) -> ReferenceValue {
        if newWidth == width && newHeight == height { return self }
        return ReferenceValue(channels: channels, height: newHeight, width: newWidth) { clamped($0, $1, $2) }
    }
}
