import Domain
import Primitives

/// What every import is asked with, wherever it comes from.
struct ImportForm: Sendable {
    var name: String
    var description: String?
    var project: ID<Project>?
    var fileName: String?
    var team: ID<Team>?
    var fullIngestion: Bool

    /// Members of the body.
    static let members = ["name", "description", "projectId", "fileName"]
    /// Parameters of the query.
    static let parameters = ["fullIngestion", "selectTeamId"]

    /// Reads what is there; what is wrong goes to the readers' collector.
    init(_ query: QueryReader, _ body: ObjectReader, _ capabilities: Capabilities) {
        name = body.requiredText("name", length: 1...255)
        description = body.text("description", length: 0...511)
        project = body.id("projectId", of: Project.self)
        fileName = body.text("fileName", length: 1...255)
        team = query.id("selectTeamId", of: Team.self)
        fullIngestion = query.boolean("fullIngestion") ?? false
        guard fullIngestion, !capabilities.ingestsFully else { return }
        body.problems.add(
            Problem(.unavailable, field: "fullIngestion", actual: "true", "is not available in this build yet; available: false"))
    }
}
