package import Domain
package import FoundationEssentials
package import Primitives
package import Store
import Synchronization

/// How many deliveries are under way, in all and to each webhook, and which receivers answer: one that is slow takes its own places
/// and no others', and those that do not answer leave half of all places to those that do.
package final class DeliveryPlaces: Sendable {
    private struct State {
        var taken: [ID<Webhook>: Int] = [:]
        /// What a webhook did when it was last sent something; none for one that was sent nothing yet.
        var answers: [ID<Webhook>: Answer] = [:]
    }

    private enum Answer {
        case answered
        case silent(Silence)

        /// The time in which it has not answered; nil where it did.
        var silence: Silence? {
            if case .silent(let silence) = self { silence } else { nil }
        }
    }

    private let state = Mutex(State())
    private let total: Int
    private let perWebhook: Int
    private let untilAnswer: Int
    private let longestGap: Duration
    /// Webhooks whose last answer is remembered. Beyond it all with nothing under way are forgotten, and begin anew.
    private static let memory = 4096

    /// - Parameters:
    ///   - total: deliveries at once, at least 1.
    ///   - perWebhook: of them to one webhook, at least 1.
    ///   - untilAnswer: of them to one webhook that has not answered yet, or did not answer when it was last sent something; at least 1.
    ///   - longestGap: a silence in which nothing was tried for longer begins anew with the next attempt.
    package init(total: Int, perWebhook: Int, untilAnswer: Int, longestGap: Duration) {
        precondition(total >= 1 && perWebhook >= 1 && untilAnswer >= 1, "there is at least one place")
        self.total = total
        self.perWebhook = perWebhook
        self.untilAnswer = min(untilAnswer, perWebhook)
        self.longestGap = longestGap
    }

    /// How many deliveries may begin. Webhooks with nothing under way have the places of one that has not answered yet, whatever they
    /// did before: once they have taken these, more can be asked for.
    package var room: DeliveryRoom {
        state.withLock { state in
            let silent = Set(state.answers.filter { $0.value.silence != nil }.keys)
            let silentTaken = state.taken.reduce(0) { $0 + (silent.contains($1.key) ? $1.value : 0) }
            let webhooks = silent.union(state.taken.keys).map { webhook in
                let underWay = state.taken[webhook] ?? 0
                let hasAnswered = state.answers[webhook].map { $0.silence == nil } ?? false
                let limit = hasAnswered ? perWebhook : untilAnswer
                return DeliveryRoom.Place(
                    webhook, underWay: underWay, free: max(0, limit - underWay), isSilent: silent.contains(webhook))
            }
            return DeliveryRoom(
                total: max(0, total - state.taken.values.reduce(0, +)), each: untilAnswer, silent: max(0, max(1, total / 2) - silentTaken),
                webhooks: webhooks)
        }
    }

    /// Takes a place; returns the silence of a webhook that does not answer, nil for any other.
    @discardableResult
    package func take(_ webhook: ID<Webhook>) -> Silence? {
        state.withLock { state in
            state.taken[webhook, default: 0] += 1
            return state.answers[webhook]?.silence
        }
    }

    /// - Parameters:
    ///   - isAnswered: whether the receiver answered, whatever it said; nil when it was sent nothing.
    ///   - instant: when the attempt ended.
    package func giveBack(_ webhook: ID<Webhook>, isAnswered: Bool?, at instant: Date) {
        state.withLock { state in
            let left = (state.taken[webhook] ?? 0) - 1
            precondition(left >= 0, "a place is given back once")
            state.taken[webhook] = left == 0 ? nil : left
            guard let isAnswered else { return }
            if isAnswered {
                state.answers[webhook] = .answered
            } else {
                let silence = state.answers[webhook]?.silence?.continued(at: instant, gap: longestGap)
                state.answers[webhook] = .silent(silence ?? Silence(since: instant, latest: instant))
            }
            if state.answers.count > Self.memory { state.answers = state.answers.filter { state.taken[$0.key] != nil } }
        }
    }
}
