package import Filters
package import GPU
import Synchronization

/// The device and what is kept on it between segments: networks loaded once, processors by program.
package final class Engine: Sendable {
    package let device: Device
    private let room: DeviceRoom
    private let expansion = Mutex<InfiniteHDR?>(nil)
    private let lastLook = Mutex<ShotLook?>(nil)

    package init(device: Device) {
        self.device = device
        room = DeviceRoom(device: device)
    }

    /// Whether work waits for memory of the device that other work of this process holds.
    package var isAwaited: Bool { room.isAwaited }

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

    /// Lends `body` everything that a piece of work needs on the device, when there is room for all of it. Processors of the programs
    /// used last are kept, as long as their memory is not needed.
    ///
    /// - Parameters:
    ///   - programs: each gets a processor of its own, in this order.
    ///   - networks: makes what else is needed; called again where there was no room. It gets what the share of the memory that
    ///     networks are planned for is to be divided by.
    /// - Throws: `PipelineError.deviceTooSmall` where the whole budget would not do, `GPUError.outOfMemory` where other processes
    ///   hold what is needed, other errors of making it; what `body` throws; `CancellationError`. `body` must not ask for more in
    ///   this way: what it waits for might wait for it.
    package func withProcessors<Networks: Sendable, Result>(
        for programs: [PictureProgram], networks: (_ parts: Int) async throws -> Networks,
        _ body: ([PictureProcessor], Networks) async throws -> Result
    ) async throws -> Result {
        let hold = try await room.take(programs, networks)
        do {
            let result = try await body(hold.processors, hold.networks)
            room.giveBack(hold, keeping: true)
            return result
        } catch {
            room.giveBack(hold, keeping: false)
            throw error
        }
    }
}

/// A baked table with what it was baked for.
private struct ShotLook {
    let condition: [Float]
    let program: PictureProgram
    let look: BakedLUT
}
