import GPU
import Synchronization

/// A baked table on the device.
final class LookBuffer: Sendable {
    let edge: Int
    let buffer: Buffer
    /// The table's guide, where it has one.
    let guide: Buffer?
    /// Identifies the table; held, so that the identity stays its own.
    let look: BakedLUT

    init(_ look: BakedLUT, device: Device) async throws {
        var upload = ConstantUpload(device: device)
        buffer = try upload.buffer(look.packed, label: "look")
        guide = try look.guide.map { try upload.buffer($0.packed, label: "guide") }
        try await upload.finish()
        edge = look.edge
        self.look = look
    }
}

/// The tables used last, so that each is uploaded once for its shot.
final class LookCache: Sendable {
    private static let capacity = 4
    /// Bytes of the tables of this edge that there are at most: those that are kept, one that is made beside its copy for the host,
    /// and those that frames in flight still use.
    static func mostBytes(edge: Int) -> Int {
        let table = edge * edge * edge * 2 * MemoryLayout<UInt32>.stride
        let (tablesOfLook, framesInFlight) = (2, 2)
        return (capacity + 2 + framesInFlight) * tablesOfLook * table
    }

    private let entries = Mutex<[LookBuffer]>([])
    private let device: Device

    init(device: Device) { self.device = device }

    func buffer(of look: BakedLUT) async throws -> LookBuffer {
        if let found = entries.withLock({ $0.first { $0.look === look } }) { return found }
        let made = try await LookBuffer(look, device: device)
        entries.withLock { entries in
            entries.append(made)
            if entries.count > Self.capacity { entries.removeFirst() }
        }
        return made
    }
}
