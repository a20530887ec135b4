package import Picture

/// One plane of normalised samples in Double, row by row: what the twins of the kernels compute on.
package struct ReferencePlane: Hashable, Sendable {
    package let width: Int
    package let height: Int
    package var samples: [Double]

    package init(width: Int, height: Int, samples: [Double]) {
        precondition(samples.count == width * height, "a plane has width × height samples")
        self.width = width
        self.height = height
        self.samples = samples
    }

    package init(width: Int, height: Int, _ sample: (_ x: Int, _ y: Int) -> Double) {
        self.width = width
        self.height = height
        samples = []
        samples.reserveCapacity(width * height)
        for y in 0..<height { for x in 0..<width { samples.append(sample(x, y)) } }
    }

    package subscript(_ x: Int, _ y: Int) -> Double { samples[y * width + x] }

    /// The sample, or the nearest one inside.
    package func clamped(_ x: Int, _ y: Int) -> Double {
        self[min(max(x, 0), width - 1), min(max(y, 0), height - 1)]
    }
}

extension ReferencePlane {
    /// Twin of `plane_unpack`: a window of an integer plane.
    ///
    /// - Parameters:
    ///   - bytes: of the plane, laid out as `layout` says, little endian.
    ///   - left, top: first sample of the window.
    ///   - decode: value of a code.
    package init(bytes: some Collection<UInt8>, layout: PlaneLayout, left: Int, top: Int, size: PictureSize, decode: (Int) -> Double) {
        let bytes = Array(bytes)
        self.init(width: size.width, height: size.height) { x, y in
            let place = (top + y) * layout.bytesPerRow + (left + x) * layout.bytesPerSample
            return decode(layout.bytesPerSample == 1 ? Int(bytes[place]) : Int(bytes[place]) | Int(bytes[place + 1]) << 8)
        }
    }

    /// Twin of `plane_resample`: both axes, columns first.
    package func resampled(columns: ResampleAxis, rows: ResampleAxis) -> ReferencePlane {
        let (horizontal, vertical) = (columns.taps, rows.taps)
        let wide = ReferencePlane(width: columns.outputCount, height: height) { x, y in
            let (first, weight) = horizontal.row(of: x)
            return (0..<horizontal.tapCount).reduce(0) { $0 + horizontal.weights[weight + $1] * clamped(first + $1, y) }
        }
        return ReferencePlane(width: wide.width, height: rows.outputCount) { x, y in
            let (first, weight) = vertical.row(of: y)
            return (0..<vertical.tapCount).reduce(0) { $0 + vertical.weights[weight + $1] * wide.clamped(x, first + $1) }
        }
    }

    /// Twin of `plane_average`: means of square blocks; blocks at the right and bottom may be smaller.
    package func averaged(block: Int) -> ReferencePlane {
        ReferencePlane(width: (width + block - 1) / block, height: (height + block - 1) / block) { x, y in
            var sum = 0.0
            let columns = (x * block)..<min((x + 1) * block, width)
            let rows = (y * block)..<min((y + 1) * block, height)
            for row in rows { for column in columns { sum += self[column, row] } }
            return sum / Double(columns.count * rows.count)
        }
    }

    /// Twin of `plane_lock`: gives the plane the block means of the one that it was made of, but for drifts within the dead zone.
    ///
    /// - Parameters:
    ///   - ratio: samples of this plane for each of the source, along one axis.
    ///   - deadZone: drift of a block's mean that is left, in the planes' units; 0 or more.
    package func locked(to source: ReferencePlane, ratio: Int, deadZone: Double) -> ReferencePlane {
        let block = LowFrequencyLock.block * ratio
        let (wanted, found) = (source.averaged(block: LowFrequencyLock.block), averaged(block: block))
        let shifts = ReferencePlane(width: wanted.width, height: wanted.height) { x, y in
            let drift = wanted[x, y] - found[x, y]
            return drift - min(max(drift, -deadZone), deadZone)
        }
        return ReferencePlane(width: width, height: height) { x, y in self[x, y] + shifts.spread(x: x, y: y, block: block) }
    }

    /// Bilinear value of a plane of block means at the middle of a sample; the edge repeats.
    package func spread(x: Int, y: Int, block: Int) -> Double {
        let (u, v) = ((Double(x) + 0.5) / Double(block) - 0.5, (Double(y) + 0.5) / Double(block) - 0.5)
        let (column, row) = (Int(u.rounded(.down)), Int(v.rounded(.down)))
        let (right, down) = (u - Double(column), v - Double(row))
        let upper = clamped(column, row) * (1 - right) + clamped(column + 1, row) * right
        let lower = clamped(column, row + 1) * (1 - right) + clamped(column + 1, row + 1) * right
        return upper * (1 - down) + lower * down
    }
}
