package import Domain
package import Store

extension UserRecord: JSONRepresentable {
    /// The contract's `User`.
    package var json: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "email": .string(email),
            "name": .string(name), "hasConfirmedEmail": .boolean(hasConfirmedEmail),
        ])
    }
}

extension TeamRecord: JSONRepresentable {
    /// The contract's `Team`.
    package var json: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "name": .string(name),
            "apiEnabled": .boolean(apiEnabled), "billingType": .string(billingType.rawValue),
        ])
    }
}

extension ProjectRecord: JSONRepresentable {
    /// The contract's `Project`.
    package var json: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "name": .string(name),
            "isSample": .boolean(isSample), "teamId": team.json,
        ])
    }
}

extension APIKeyRecord: JSONRepresentable {
    /// The contract's `ApiKey`, without the key.
    package var json: JSON { json(secret: nil) }

    /// The contract's `ApiKey`; with the key itself in the answer to its creation alone.
    func json(secret: String?) -> JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "userId": user.json,
            "active": .boolean(isActive), "name": .string(name), "description": description.map { .string($0) },
            "apiKeyHidden": .string(hidden), "apiKey": secret.map { .string($0) },
            "deletionEligibleAt": deletionEligibleAt.map { .day($0) },
        ])
    }
}
