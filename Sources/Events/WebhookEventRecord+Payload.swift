package import Domain
package import Store

extension WebhookEventRecord {
    /// The contract's `WebhookEventPayload`: the body of a delivery.
    ///
    /// - Parameter attempts: attempts made, counting the one the body is for.
    package func payload(attempts: Int) -> JSON {
        .members([
            "id": id.json, "webhookId": webhook.json, "eventType": .string(type.rawValue), "occurredAt": .timestamp(occurredAt),
            "test": .boolean(isTest), "attemptCount": .integer(Int64(attempts)),
            "data": .members(["type": .string("VIDEO"), "videoId": video.json]),
        ])
    }
}
