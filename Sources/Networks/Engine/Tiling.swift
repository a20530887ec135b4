/// A rectangle in samples.
struct Rectangle: Equatable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    /// The same area on a grid that is `scale` times finer.
    ///
    /// - Precondition: all four times the scale are whole numbers.
    func scaled(by scale: Scale) -> Rectangle {
        func times(_ value: Int) -> Int { value * scale.numerator / scale.denominator }
        return Rectangle(left: times(left), top: times(top), width: times(width), height: times(height))
    }
}

/// One piece of a picture: what it is answerable for, and what it must see for that.
struct Tile: Equatable {
    /// Part of the picture whose outputs the tile makes, in reference samples.
    let core: Rectangle
    /// The core and its halo, cut at the picture's borders. The network runs on it as if it were a picture: what that
    /// gets wrong along inner edges reaches no further than the halo.
    let extent: Rectangle
}

/// Cuts a picture into tiles. All edges lie on multiples of the network's alignment, so that each value of each tile has
/// whole samples and the same sampling phase as in the whole picture.
struct Tiling: Equatable {
    let tiles: [Tile]
    /// The largest extent of any tile.
    let largestExtent: NetworkGraph.Size

    /// - Parameters:
    ///   - picture: size of the picture, a multiple of `alignment`.
    ///   - columns, rows: number of tiles wished for; there may come out fewer.
    ///   - halo: reference samples that a tile must see around its core.
    init(picture: NetworkGraph.Size, columns: Int, rows: Int, halo: Int, alignment: Int) {
        let margin = (halo + alignment - 1) / alignment * alignment
        let across = Self.spans(length: picture.width, count: columns, margin: margin, alignment: alignment)
        let down = Self.spans(length: picture.height, count: rows, margin: margin, alignment: alignment)
        tiles = down.flatMap { row in
            across.map { column in
                Tile(
                    core: Rectangle(
                        left: column.core.lowerBound, top: row.core.lowerBound, width: column.core.count, height: row.core.count),
                    extent: Rectangle(
                        left: column.extent.lowerBound, top: row.extent.lowerBound, width: column.extent.count, height: row.extent.count))
            }
        }
        largestExtent = NetworkGraph.Size(across.map(\.extent.count).max() ?? 0, down.map(\.extent.count).max() ?? 0)
    }

    private static func spans(length: Int, count: Int, margin: Int, alignment: Int) -> [(core: Range<Int>, extent: Range<Int>)] {
        let units = length / alignment
        let step = max(1, (units + count - 1) / count) * alignment
        return stride(from: 0, to: length, by: step).map { start in
            let end = min(start + step, length)
            return (start..<end, max(0, start - margin)..<min(length, end + margin))
        }
    }
}
