import GPU
import Networks
import Picture

/// What the networks of one program may take: what its planes leave of a share of the device's memory, at least a quarter of the
/// share. Where a unit's programs and links together did not fit, the share is divided.
///
/// What other programs hold at the moment does not count: a processor is kept, with the tiles that its networks were given.
struct NetworkAllowance {
    /// Bytes.
    private var left: Int
    /// Networks that are still to be planned.
    private var count: Int

    /// - Parameters:
    ///   - plan: of the program.
    ///   - planeBytes: what the program takes without its networks.
    ///   - parts: what the share is divided by, at least 1.
    init(_ plan: PassPlan, planeBytes: Int, parts: Int, device: Device) {
        let share = device.memoryShare / parts
        // A little is kept for uniforms and padding.
        let beside = max(0, device.memoryReach - planeBytes) / 16 * 15
        left = min(max(share - planeBytes, share / 4), beside)
        var scalers: Set<SuperResolutionStep> = []
        var others = 0
        for pass in plan.passes {
            switch pass.work {
            case .network(let step, _, _): scalers.insert(step)
            case .guide, .reconstruct, .modulate: others += 1
            default: break
            }
        }
        count = scalers.count + others
    }

    /// Plans the next network: the last one gets all that is left, the others half of it at most.
    mutating func plan(_ engine: NetworkEngine, size: PictureSize) throws -> NetworkRunner {
        left -= engine.weightBytes
        let runner = try engine.plan(width: size.width, height: size.height, share: max(0, count > 1 ? left / 2 : left))
        left -= runner.peakBytes
        count -= 1
        return runner
    }
}
