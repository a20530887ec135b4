import Domain
import Postgres
import Primitives
import Store

extension ConfigurationRecord {
    /// The contract's `VideoProcessingConfiguration`. A built-in one belongs to nobody; it bears the caller's team.
    ///
    /// Throws when the stored options are not JSON, which they always are.
    func json(callerTeam: ID<Team>) throws -> JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "teamId": (team ?? callerTeam).json,
            "name": .string(name), "options": try JSON(parsing: options.text), "builtin": .boolean(isBuiltin),
            "description": description.map { .string($0) },
        ])
    }
}
