/// Goes over the frames of a job in order and finds their shots and conditions.
package struct ConditionAnalysis: Sendable {
    private let network: InfiniteHDR
    private var average: ShotAverage

    init(network: InfiniteHDR, firstFrame: Int) {
        self.network = network
        average = ShotAverage(firstFrame: firstFrame)
    }

    /// Adds the next frame.
    package mutating func add(_ thumbnail: Thumbnail) throws(FilterError) {
        average.add(thumbnail, condition: try network.condition(of: thumbnail))
    }

    /// The shots of all frames added.
    package mutating func finish() -> ShotConditions { average.finish() }
}
