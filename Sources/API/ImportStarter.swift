import Domain
import FoundationEssentials
import HTTP
import Postgres
import Primitives
import Store

/// What the imports from all kinds of sources do alike: find the project, and begin.
struct ImportStarter: Sendable {
    let imports: ImportStore
    let projects: ProjectStore

    /// The team and the project an import goes to.
    struct Target: Sendable {
        let user: ID<User>
        let team: ID<Team>
        let project: ID<Project>
    }

    /// Throws 404 for a team the caller cannot use, 400 for a project of another team or none at all.
    func target(of form: ImportForm, _ caller: APIKeyStore.Caller) async throws -> Target {
        let team = try caller.team(selected: form.team)
        return Target(user: caller.user, team: team, project: try await project(form.project, of: team))
    }

    /// Begins the import of a source that was looked at.
    ///
    /// - Parameters:
    ///   - sealedSecret: the URL or the access keys; nil for sources without any.
    ///   - location: where the keys were taken from.
    func start(
        _ form: ImportForm, _ target: Target, _ facts: SourceProbe.Facts, _ request: ImportRequest, sealedSecret: [UInt8]?,
        location: ID<S3Location>? = nil
    ) async throws -> VideoRecord {
        let fileName = VideoName.cut(form.fileName ?? facts.fileName ?? "video")
        return try await imports.start(
            NewImport(
                team: target.team, user: target.user, project: target.project, name: form.name, description: form.description,
                fullIngestion: form.fullIngestion,
                file: AnnouncedFile(name: fileName, size: facts.byteCount, mimeType: facts.mimeType),
                request: JSONDocument(String(decoding: try JSONEncoder().encode(request), as: UTF8.self)), sealedSecret: sealedSecret,
                location: location))
    }

    private func project(_ id: ID<Project>?, of team: ID<Team>) async throws -> ID<Project> {
        if let id {
            guard let project = try await projects.get(id, scope: TeamScope(team)) else {
                throw ValidationFailure(problems: [
                    Problem(field: "projectId", actual: id.description, "must be a project of the selected team")
                ])
            }
            return project.id
        }
        guard let project = try await projects.defaultProject(of: team) else {
            throw ValidationFailure(problems: [
                Problem(field: "projectId", actual: nil, "is required: the team has no project named 'Default Project' any more")
            ])
        }
        return project.id
    }
}
