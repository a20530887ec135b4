package import ColorScience
import Networks
import Picture

/// The learned inverse tone mapping: a condition for each shot, and the color table that follows from it.
///
/// Both networks are small and run in Double on the CPU, so that the same shot gets the same table on every machine,
/// whatever its device.
package final class InfiniteHDR: Sendable {
    /// Name of the model file.
    package static let modelName = "infinitehdr"
    /// Entries along an axis of the table.
    package static let edge = 33
    /// Numbers in a condition.
    private static let conditionCount = 16

    private let condition: Network
    private let gains: Network

    /// Loads the bundled model.
    ///
    /// - Throws: `missingModel`, `unsuitableModel`, or `network` with what is wrong with the file.
    package init() throws(FilterError) {
        do throws(NetworkError) {
            condition = try ModelLibrary.network(Self.modelName, graph: "graph.condition")
            gains = try ModelLibrary.network(Self.modelName)
        } catch {
            throw .network(error)
        }
        guard condition.graph.inputs.count == 2, condition.graph.outputs.count == 1 else {
            throw .unsuitableModel(
                name: Self.modelName, reason: "the condition's graph takes a thumbnail and statistics and gives one vector")
        }
        guard gains.graph.inputs.count == 2, gains.graph.outputShapes.first?.channels == 3 else {
            throw .unsuitableModel(name: Self.modelName, reason: "the mapping takes a color and a condition and gives three gains")
        }
    }

    /// The condition vector of one frame.
    package func condition(of thumbnail: Thumbnail) throws(FilterError) -> [Float] {
        let input = Tensor(shape: [3, Thumbnail.height, Thumbnail.width], values: thumbnail.samples)
        let statistics = Tensor(shape: [thumbnail.statistics.count], values: thumbnail.statistics)
        return try run(condition, [input, statistics])
    }

    /// Starts the analysis of a range of frames.
    ///
    /// - Parameter firstFrame: absolute index of the first frame that will be added.
    package func analysis(firstFrame: Int) -> ConditionAnalysis { ConditionAnalysis(network: self, firstFrame: firstFrame) }

    /// The table of a shot: the conversion to BT.709 where the program has one, the mapping, the conversion from PQ
    /// BT.2020 where the program has one.
    ///
    /// - Throws: `unsuitableModel` when the condition has the wrong length or the program does not ask for this mapping.
    package func look(for condition: [Float], program: PictureProgram) throws(FilterError) -> BakedLUT {
        guard case .infiniteHDR(let peak, let boost, _, _) = program.request.color, condition.count == Self.conditionCount else {
            throw .unsuitableModel(name: Self.modelName, reason: "\(condition.count) numbers in a condition; needed \(Self.conditionCount)")
        }
        let colors = BakedLUT.grid(edge: Self.edge).map { color in
            (program.lookInput?.apply(color) ?? color).map { min(max($0, 0), 1) }
        }
        let values = try gains(for: colors, condition: condition)
        func entries(_ expansion: LightExpansion, then output: ColorPath?) -> [Float] {
            var entries: [Float] = []
            entries.reserveCapacity(3 * colors.count)
            for (color, gain) in zip(colors, values) {
                var result = expansion.apply(color, gains: gain)
                if let output { result = output.apply(result) }
                entries += [result.x, result.y, result.z].map { Float(min(max($0, 0), 1)) }
            }
            return entries
        }
        var guide: BakedLUT?
        if program.highlights != nil || program.local != nil {
            let trained = LightExpansion(peakLuminance: LightExpansion.trainedPeak, saturationBoost: 1)
            guide = try BakedLUT(edge: Self.edge, values: entries(trained, then: nil))
        }
        let expansion = LightExpansion(peakLuminance: peak, saturationBoost: boost)
        return try BakedLUT(
            edge: Self.edge, values: entries(expansion, then: program.lookOutput), guide: guide,
            openness: try openness(of: condition))
    }

    /// How far a condition's mapping is one at all: the largest gain of a gray, in eighths of a stop, at most 1.
    package func openness(of condition: [Float]) throws(FilterError) -> Double {
        let grays = (0..<Self.edge).map { Vector3(gray: Double($0) / Double(Self.edge - 1)) }
        let largest = try gains(for: grays, condition: condition).map { abs($0.x + $0.y + $0.z) / 3 }.max() ?? 0
        return min(8 * largest, 1)
    }

    /// Base-2 logarithms of the light gains of colors under a condition.
    package func gains(for colors: [Vector3], condition: [Float]) throws(FilterError) -> [Vector3] {
        let values = colors.map { Float($0.x) } + colors.map { Float($0.y) } + colors.map { Float($0.z) }
        let map = Tensor(shape: [3, 1, colors.count], values: values)
        let result = try run(gains, [map, Tensor(shape: [condition.count], values: condition)])
        return colors.indices.map { index in
            Vector3(Double(result[index]), Double(result[colors.count + index]), Double(result[2 * colors.count + index]))
        }
    }

    private func run(_ network: Network, _ inputs: [Tensor]) throws(FilterError) -> [Float] {
        do throws(NetworkError) {
            return try ReferenceExecutor.run(network, inputs: inputs)[0].values
        } catch {
            throw .network(error)
        }
    }
}
