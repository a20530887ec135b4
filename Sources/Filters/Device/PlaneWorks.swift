import Picture

/// What planes of a frame are worked on with, made once for all planes of one size.
struct PlaneWorks<Work: Sendable>: Sendable {
    private let works: [Work]
    private let workOfPlane: [Int]

    /// - Parameter make: called once for each size of the color planes.
    init(_ layout: FrameLayout, make: (PictureSize) throws -> Work) rethrows {
        var works: [Work] = []
        var sizes: [PictureSize] = []
        workOfPlane = try (0..<layout.format.colorPlaneCount).map { plane in
            let size = layout.planeSize(plane)
            if let known = sizes.firstIndex(of: size) { return known }
            works.append(try make(size))
            sizes.append(size)
            return works.count - 1
        }
        self.works = works
    }

    subscript(plane: Int) -> Work { works[workOfPlane[plane]] }
}
