package import Filters
package import GPU
import Synchronization

/// The device and what is kept on it between segments: networks loaded once, processors by program.
package final class Engine: Sendable {
    package let device: Device
    private let idle = Mutex<[PictureProgram: [PictureProcessor]]>([:])
    private let expansion = Mutex<InfiniteHDR?>(nil)
    private let lastLook = Mutex<ShotLook?>(nil)

    package init(device: Device) { self.device = device }

    /// The inverse tone mapping network, loaded on first use.
    package func infiniteHDR() throws -> InfiniteHDR {
        try expansion.withLock { loaded in
            let network = try loaded ?? InfiniteHDR()
            loaded = network
            return network
        }
    }

    /// The table of one condition; the last one made is kept, because neighbouring segments mostly lie in one shot.
    func look(for condition: [Float], program: PictureProgram) throws -> BakedLUT {
        if let kept = lastLook.withLock({ $0 }), kept.condition == condition, kept.program == program { return kept.look }
        let look = try infiniteHDR().look(for: condition, program: program)
        lastLook.withLock { $0 = ShotLook(condition: condition, program: program, look: look) }
        return look
    }

    /// Lends a processor of `program` to `body`; processors of at most two programs are kept.
    package func withProcessor<Result>(
        for program: PictureProgram, _ body: (PictureProcessor) async throws -> Result
    ) async throws -> Result {
        let kept = idle.withLock { $0[program]?.popLast() }
        let processor = if let kept { kept } else { try await PictureProcessor(program: program, device: device) }
        let result = try await body(processor)
        idle.withLock { idle in
            if idle[program] == nil, idle.count >= 2 { idle.removeAll() }
            idle[program, default: []].append(processor)
        }
        return result
    }
}

/// A baked table with what it was baked for.
private struct ShotLook {
    let condition: [Float]
    let program: PictureProgram
    let look: BakedLUT
}
