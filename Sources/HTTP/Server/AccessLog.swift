import Dispatch
import Logging
import Primitives
import Synchronization
import Telemetry

/// One line per request, written away from the event loops.
final class AccessLog: Sendable {
    /// What is known when a response has ended.
    struct Entry: Sendable {
        let requestID: ID<HTTPRequest>
        let method: HTTPMethod?
        let target: RequestTarget?
        let status: HTTPStatus
        /// Of the content, without head and framing.
        let bytes: Int
        let nanoseconds: UInt64
        let remoteAddress: String
        /// The connection ended before the response did.
        let isCut: Bool
    }

    private struct Pending {
        var entries: [Entry] = []
        var dropped = 0
    }

    /// Lines that may wait for a slow output before new ones are only counted.
    private static let capacity = 16_384

    private let logger: Logger
    private let shownItems: Set<String>
    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "http.access-log", qos: .utility)

    init(_ logger: Logger, shownItems: Set<String>) {
        self.logger = logger
        self.shownItems = shownItems
    }

    var isEnabled: Bool { logger.logLevel <= .info }

    func append(_ entry: Entry) {
        guard isEnabled else { return }
        let isFirst = pending.withLock { pending in
            guard pending.entries.count < Self.capacity else {
                pending.dropped += 1
                return false
            }
            pending.entries.append(entry)
            return pending.entries.count == 1
        }
        if isFirst { queue.async { self.write() } }
    }

    /// Waits until everything appended so far is written.
    func flush() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.write()
                continuation.resume()
            }
        }
    }

    private func write() {
        let batch = pending.withLock { pending in
            var batch = Pending()
            swap(&batch, &pending)
            return batch
        }
        for entry in batch.entries { write(entry) }
        if batch.dropped > 0 { logger.warning("access log lines dropped", metadata: ["count": "\(batch.dropped)"]) }
    }

    private func write(_ entry: Entry) {
        let microseconds = entry.nanoseconds / 1000
        var metadata: Logger.Metadata = [
            "requestId": .string(entry.requestID.description), "method": .string(entry.method?.description ?? "-"),
            "target": .string(entry.target.map { Self.shown($0, items: shownItems) } ?? "-"),
            "status": .string(String(entry.status.code)), "bytes": .string(String(entry.bytes)),
            "ms": "\(microseconds / 1000).\(String(microseconds % 1000 + 1000).dropFirst())", "remote": .string(entry.remoteAddress),
        ]
        if entry.isCut { metadata["cut"] = "true" }
        logger.info("request", metadata: metadata)
    }

    /// The target with `…` for every value that may be a secret.
    static func shown(_ target: RequestTarget, items: Set<String>) -> String {
        guard !target.query.isEmpty else { return target.path }
        let query = target.query.map { item in
            guard let value = item.value else { return item.name }
            return "\(item.name)=\(items.contains(item.name) ? value : "…")"
        }
        return target.path + "?" + query.joined(separator: "&")
    }
}
