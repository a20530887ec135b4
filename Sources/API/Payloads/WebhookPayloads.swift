package import Domain
import Events
import Postgres
package import Store

extension WebhookRecord: JSONRepresentable {
    /// The contract's `Webhook`.
    package var json: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": team.json,
            "active": .boolean(isActive), "name": .string(name), "description": description.map { .string($0) }, "url": .string(url),
            "rateLimitPerSecond": .integer(Int64(rateLimitPerSecond)),
            "maxTotalRetryDelayMinutes": .integer(Int64(maximumRetryDelayMinutes)),
            "eventTypes": .array(eventTypes.map { .string($0.rawValue) }),
        ])
    }
}

extension WebhookEventRecord {
    /// The contract's `WebhookEvent`.
    var answer: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": team.json,
            "payload": payload(attempts: attemptCount), "nextAttemptEarliestAt": nextAttemptAt.map { .timestamp($0) },
            "successful": successful.map { .boolean($0) }, "responses": responses.json,
        ])
    }
}

extension SigningKeyRecord: JSONRepresentable {
    /// The contract's `WebhookPublicKey`.
    package var json: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "algorithm": .string("EC"),
            "publicKey": .string(publicKey), "expiresAt": expiresAt.map { .timestamp($0) },
        ])
    }
}
