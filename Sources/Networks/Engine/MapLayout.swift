/// How a map lies in memory: planar, four samples to a vector, rows padded to eight samples and planes to four rows, so
/// that every kernel may read and write whole tiles. What pads a row is zero.
struct MapLayout: Equatable {
    let width: Int
    let height: Int

    init(_ size: NetworkGraph.Size) {
        width = size.width
        height = size.height
    }

    /// A vector as a map of one row and one channel.
    init(vectorOf channels: Int) {
        width = channels
        height = 1
    }

    /// Vectors of four samples in a row.
    var stride: Int { (width + 7) / 8 * 2 }
    /// Vectors in a channel.
    var plane: Int { stride * ((height + 3) / 4 * 4) }

    func byteCount(channels: Int, sampleBytes: Int) -> Int { channels * plane * 4 * sampleBytes }
}
