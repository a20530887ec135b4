import Foundation

/// Where each line of a plane is read from, as `line_place` takes it: nine numbers a line, the first tap's place and eight weights.
package struct LineTaps: Sendable {
    package static let numbersPerLine = 9
    private static let count = 8
    private static let lobes = 4.0

    package let numbers: [Float]

    /// - Parameters:
    ///   - places: of the lines of luma: how far to the right of where it belongs each was read, in samples of luma.
    ///   - height: lines of the plane.
    ///   - ratio: samples of the plane for one of luma, across.
    package init(places: [Float], height: Int, ratio: Double) {
        var numbers: [Float] = []
        numbers.reserveCapacity(height * Self.numbersPerLine)
        for line in 0..<height {
            // A line of chroma stands for the lines of luma that it covers.
            let first = line * places.count / height
            let end = max((line + 1) * places.count / height, first + 1)
            let mean = places[first..<min(end, places.count)].reduce(0.0) { $0 + Double($1) } / Double(min(end, places.count) - first)
            let position = -mean * ratio
            let whole = position.rounded(.down)
            let weights = (0..<Self.count).map { Self.weight(Double($0) - 3 - (position - whole)) }
            let sum = weights.reduce(0, +)
            numbers.append(Float(whole - 3))
            numbers.append(contentsOf: weights.map { Float($0 / sum) })
        }
        self.numbers = numbers
    }

    /// Lanczos' kernel of four lobes; the eight taps of a whole position are one 1 and exact zeros.
    private static func weight(_ x: Double) -> Double {
        guard x != 0 else { return 1 }
        guard abs(x) < lobes, x != x.rounded() else { return 0 }
        return sin(.pi * x) / (.pi * x) * sin(.pi * x / lobes) / (.pi * x / lobes)
    }
}
