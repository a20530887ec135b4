extension PictureProgram {
    /// Bytes of device memory that a processor of this program holds, without the networks' own.
    ///
    /// - Parameters:
    ///   - depth: frames in flight.
    ///   - isUnified: whether host and device share one memory, so that results need no second copy.
    package func deviceBytes(depth: Int, isUnified: Bool) throws(FilterError) -> Int {
        deviceBytes(of: try PassPlan(self), depth: depth, isUnified: isUnified)
    }

    func deviceBytes(of plan: PassPlan, depth: Int, isUnified: Bool) -> Int {
        let copies = isUnified ? 1 : 2
        return plan.bufferSizes.reduce(0, +) + depth * (request.input.byteCount + copies * (request.output.byteCount + meterBytes))
    }

    /// Bytes of a frame's histograms; a few unused ones where nothing is metered.
    var meterBytes: Int { meters ? LightHistogram.binCount * LightHistogram.copyCount * 4 : 256 }
}
