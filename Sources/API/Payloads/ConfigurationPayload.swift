import Domain
import Postgres
import Primitives
import Store

extension ConfigurationRecord {
    /// The contract's `VideoProcessingConfiguration`. A built-in one belongs to nobody; it bears the caller's team.
    func json(callerTeam: ID<Team>) -> JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": (team ?? callerTeam).json,
            "name": .string(name), "options": options.json, "builtin": .boolean(isBuiltin),
            "description": description.map { .string($0) },
        ])
    }
}
