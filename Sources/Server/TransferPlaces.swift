/// Places for imports and exports, which mostly wait for other people's servers: apart from those of the other units, so that no
/// source, however slow, keeps anything from being processed (docs/decisions/0013).
struct TransferPlaces: Hashable, Sendable {
    /// Transfers at a time in one process, where the operator says nothing.
    static let usual = 8
    /// With more, one would not have the four connections that an export needs.
    static let most = 24

    /// All transfers of a process together. Each connection holds a thread while it is in use, and Dispatch has 255 of them for all
    /// lanes of the process.
    private static let connectionBudget = 96
    /// What an import can ask for.
    private static let mostConnectionsEach = 32

    /// Transfers at a time, 1 to `most`.
    let count: Int

    /// Connections of one transfer: its own, so that none waits for those that another holds.
    var connectionsEach: Int { min(Self.connectionBudget / count, Self.mostConnectionsEach) }

    /// Of the client that transfers share: those of all places, and one for uploads that are dropped.
    var connections: Int { count * connectionsEach + 1 }
}
