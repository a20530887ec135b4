import Domain
import Primitives
import Synchronization

/// How many deliveries are under way, in all and to each webhook: a receiver that is slow takes its own places and no others'.
final class DeliveryPlaces: Sendable {
    private let taken = Mutex<[ID<Webhook>: Int]>([:])
    private let total: Int
    private let perWebhook: Int

    /// - Parameters:
    ///   - total: deliveries at once, at least 1.
    ///   - perWebhook: of them to one webhook, at least 1.
    init(total: Int, perWebhook: Int) {
        precondition(total >= 1 && perWebhook >= 1, "there is at least one place")
        self.total = total
        self.perWebhook = perWebhook
    }

    /// How many deliveries may begin, whichever webhook they are for, if it is none of the `full` ones; 0 when every place is
    /// taken.
    var free: (count: Int, full: [ID<Webhook>]) {
        taken.withLock { taken in
            let full = taken.filter { $0.value >= perWebhook }.map(\.key)
            let busiest = taken.values.filter { $0 < perWebhook }.max() ?? 0
            return (min(total - taken.values.reduce(0, +), perWebhook - busiest), full)
        }
    }

    func take(_ webhook: ID<Webhook>) {
        taken.withLock { $0[webhook, default: 0] += 1 }
    }

    func giveBack(_ webhook: ID<Webhook>) {
        taken.withLock { taken in
            let left = (taken[webhook] ?? 0) - 1
            precondition(left >= 0, "a place is given back once")
            taken[webhook] = left == 0 ? nil : left
        }
    }
}
