/// An array of numbers with a shape, row-major, the last axis fastest.
package struct Tensor: Sendable, Equatable {
    /// Sizes of the axes; a map is [channels, height, width], a vector [channels].
    package var shape: [Int]
    package var values: [Float]

    /// - Precondition: as many values as the shape holds.
    package init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "a tensor has as many values as its shape holds")
        self.shape = shape
        self.values = values
    }
}
