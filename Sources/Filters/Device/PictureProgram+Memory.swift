extension PictureProgram {
    /// Bytes of device memory that a processor of this program holds, without the networks' own.
    ///
    /// - Parameters:
    ///   - depth: frames in flight.
    ///   - readsInPlace: whether results are read where the device writes them, so that they need no second copy
    ///     (`Device.readsInPlace`).
    package func deviceBytes(depth: Int, readsInPlace: Bool) throws(FilterError) -> Int {
        deviceBytes(of: try PassPlan(self), depth: depth, readsInPlace: readsInPlace)
    }

    func deviceBytes(of plan: PassPlan, depth: Int, readsInPlace: Bool) -> Int {
        let copies = readsInPlace ? 1 : 2
        return plan.bufferSizes.reduce(0, +) + depth * (request.input.byteCount + copies * (request.output.byteCount + meterBytes))
    }

    /// Bytes of the tables that a processor comes to hold while it works: room that is to be left beside `deviceBytes`.
    package var lookBytes: Int { needsConditions ? LookCache.mostBytes(edge: InfiniteHDR.edge) : 0 }

    /// Bytes of a frame's histograms; a few unused ones where nothing is metered.
    var meterBytes: Int { meters ? LightHistogram.binCount * LightHistogram.copyCount * 4 : 256 }
}
