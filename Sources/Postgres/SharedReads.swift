/// The rules by which statements that only read wait for a round trip of their pool: who goes next, and with whom. It holds
/// no connection and never waits.
package struct SharedReads<Read> {
    private var waiting: [Read] = []
    /// Connections that carry reads just now.
    package private(set) var carriers = 0
    private let carrierLimit: Int
    private let batchLimit: Int

    /// - Parameters:
    ///   - carriers: connections at most that carry reads at a time.
    ///   - batch: statements at most in one round trip.
    package init(carriers: Int, batch: Int) {
        precondition(carriers >= 1 && batch >= 1, "reads need a connection, and a place in a round trip")
        carrierLimit = carriers
        batchLimit = batch
    }

    /// Adds a read at the end; true when the caller is to find one more connection to carry what waits.
    package mutating func add(_ read: Read) -> Bool {
        waiting.append(read)
        guard carriers < carrierLimit else { return false }
        carriers += 1
        return true
    }

    /// What a carrier takes along next, the oldest first; nil, and one carrier less, when nothing waits.
    package mutating func next() -> [Read]? {
        guard !waiting.isEmpty else {
            carriers -= 1
            return nil
        }
        let batch = Array(waiting.prefix(batchLimit))
        waiting.removeFirst(batch.count)
        return batch
    }

    /// Puts reads that were not carried out in front again, in their order.
    package mutating func putBack(_ reads: [Read]) { waiting.insert(contentsOf: reads, at: 0) }

    /// A carrier gives up: one less, and everything that waits when it was the last.
    package mutating func abandon() -> [Read] {
        carriers -= 1
        guard carriers == 0 else { return [] }
        defer { waiting = [] }
        return waiting
    }
}
