import ColorScience
import Picture

/// Reduces frames to thumbnails on the CPU: the area mean of the window that a program uses, as BT.709 R′G′B′.
///
/// The planes are averaged as they are coded, because the matrix is linear; conversion to BT.709 and clamping come after,
/// on 2304 colors. Statistics are of single pixels: those at chroma samples, evenly thinned out to at most 65 536. Half a sample of chroma siting is not corrected: a thumbnail's pixel is many samples wide.
package struct Thumbnailer: Sendable {
    private struct Plane {
        let layout: PlaneLayout
        let codes: SampleCodes
        let left: Int
        let top: Int
        let columns: CoverageAxis
        let rows: CoverageAxis
    }

    private let planes: [Plane]
    private let toRGB: Matrix3
    private let toLook: ColorPath?

    /// Frames that another program maps before this one sees them.
    package struct Mapped: Sendable {
        /// Of the frames that are read.
        package let format: PictureFormat
        package let conversion: ColorConversion

        package init(format: PictureFormat, conversion: ColorConversion) {
            self.format = format
            self.conversion = conversion
        }
    }

    /// - Parameter mapped: how frames come to be what the program takes; nil where they are that already.
    /// - Throws: nothing that the programs did not already refuse.
    package init(_ program: PictureProgram, mapped: Mapped? = nil) throws(FilterError) {
        let format = mapped?.format ?? program.request.input
        var planes: [Plane] = []
        for (index, layout) in format.planeLayouts.enumerated() {
            let (columns, rows) = (format.columns(index), format.rows(index))
            planes.append(
                Plane(
                    layout: layout, codes: try SampleCodes(format, plane: index, end: .input), left: program.window.x / columns.pitch,
                    top: program.window.y / rows.pitch,
                    columns: CoverageAxis(inputCount: columns.count(of: program.window.size.width), outputCount: Thumbnail.width),
                    rows: CoverageAxis(inputCount: rows.count(of: program.window.size.height), outputCount: Thumbnail.height)))
        }
        self.planes = planes
        toRGB = try PictureProgram.matrix(format.tags, format.pixels).inverse
        toLook =
            if let mapped {
                try ColorPath.resolve(mapped.conversion, from: mapped.format.tags, to: PictureProgram.lookSource)
            } else {
                program.lookInput
            }
    }

    /// - Parameter bytes: one frame, laid out as the input's `planeLayouts` say.
    package func thumbnail(_ bytes: UnsafeRawBufferPointer) -> Thumbnail {
        let means = planes.map { mean(of: $0, bytes) }
        let count = Thumbnail.width * Thumbnail.height
        var samples = [Float](repeating: 0, count: 3 * count)
        for place in 0..<count {
            let value = Vector3(means[0][place], means.count > 1 ? means[1][place] : 0, means.count > 2 ? means[2][place] : 0)
            var color = toRGB * value
            if let toLook { color = toLook.apply(color) }
            color = color.map { min(max($0, 0), 1) }
            samples[place] = Float(color.x)
            samples[count + place] = Float(color.y)
            samples[2 * count + place] = Float(color.z)
        }
        return Thumbnail(samples: samples, statistics: statistics(of: bytes).values)
    }

    /// Largest number of pixels that statistics look at.
    private static let sampleLimit = 65_536.0

    private func statistics(of bytes: UnsafeRawBufferPointer) -> SignalStatistics {
        var result = SignalStatistics()
        let grid = planes[planes.count - 1]
        let (width, height) = (grid.columns.inputCount, grid.rows.inputCount)
        let step = max(1, Int((Double(width * height) / Self.sampleLimit).squareRoot().rounded(.up)))
        for y in stride(from: 0, to: height, by: step) {
            for x in stride(from: 0, to: width, by: step) {
                var value = Vector3(gray: 0)
                value.x = sample(planes[0], x * planes[0].columns.inputCount / width, y * planes[0].rows.inputCount / height, bytes)
                if planes.count > 2 {
                    value.y = sample(planes[1], x, y, bytes)
                    value.z = sample(planes[2], x, y, bytes)
                }
                var color = toRGB * value
                if let toLook { color = toLook.apply(color) }
                result.add(color.map { min(max($0, 0), 1) })
            }
        }
        return result
    }

    /// One sample of a plane's window, normalised.
    private func sample(_ plane: Plane, _ x: Int, _ y: Int, _ bytes: UnsafeRawBufferPointer) -> Double {
        let layout = plane.layout
        let place = layout.offset + (plane.top + y) * layout.bytesPerRow + (plane.left + x) * layout.bytesPerSample
        let code =
            layout.bytesPerSample == 1
            ? Int(bytes[place]) : Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self).littleEndian)
        return (Double(code) - plane.codes.offset) / plane.codes.scale
    }

    /// Area means of a plane, normalised.
    private func mean(of plane: Plane, _ bytes: UnsafeRawBufferPointer) -> [Double] {
        var sums = [Double](repeating: 0, count: Thumbnail.width * Thumbnail.height)
        var row = [Double](repeating: 0, count: Thumbnail.width)
        for y in 0..<plane.rows.inputCount {
            let start = plane.layout.offset + (plane.top + y) * plane.layout.bytesPerRow + plane.left * plane.layout.bytesPerSample
            if plane.layout.bytesPerSample == 1 {
                reduce(bytes, start: start, as: UInt8.self, plane.columns, into: &row)
            } else {
                reduce(bytes, start: start, as: UInt16.self, plane.columns, into: &row)
            }
            for share in plane.rows.shares(of: y) {
                let base = share.output * Thumbnail.width
                for x in 0..<Thumbnail.width { sums[base + x] += share.weight * row[x] }
            }
        }
        let area = plane.columns.span * plane.rows.span
        return sums.map { ($0 / area - plane.codes.offset) / plane.codes.scale }
    }

    /// Weighted sums of the codes of one row. Whole samples of a cell are added as integers, shared ones as Double.
    private func reduce<Sample: FixedWidthInteger & UnsignedInteger>(
        _ bytes: UnsafeRawBufferPointer, start: Int, as: Sample.Type, _ axis: CoverageAxis, into row: inout [Double]
    ) {
        for cell in 0..<axis.outputCount {
            let cover = axis.covers[cell]
            var whole = 0
            for x in cover.whole {
                whole += Int(bytes.loadUnaligned(fromByteOffset: start + x * MemoryLayout<Sample>.size, as: Sample.self).littleEndian)
            }
            var sum = Double(whole)
            for edge in cover.edges {
                let code = bytes.loadUnaligned(fromByteOffset: start + edge.input * MemoryLayout<Sample>.size, as: Sample.self).littleEndian
                sum += edge.weight * Double(code)
            }
            row[cell] = sum
        }
    }
}
