package import Domain
import Postgres
package import Primitives

/// Which videos a list keeps; nil keeps all.
package struct VideoFilter: Hashable, Sendable {
    package var team: ID<Team>?
    package var project: ID<Project>?
    /// Videos made from this master, not the master itself.
    package var master: ID<Video>?
    package var clip: ID<Video>?
    /// The named kind is clips.
    package var clipMode: FilterMode

    package init(
        team: ID<Team>? = nil, project: ID<Project>? = nil, master: ID<Video>? = nil, clip: ID<Video>? = nil,
        clipMode: FilterMode = .include
    ) {
        self.team = team
        self.project = project
        self.master = master
        self.clip = clip
        self.clipMode = clipMode
    }
}

extension VideoFilter {
    /// WHERE with what the filter and the scope keep, for the videos that the statement calls `v`.
    func condition(_ scope: TeamScope) -> SQL {
        // With one team, an equality: it keeps the order of the index, which a list of teams does not.
        let team = team.flatMap { scope.teams.contains($0) ? $0 : nil } ?? (scope.teams.count == 1 ? scope.teams[0] : nil)
        var condition: SQL = team.map { " WHERE v.team_id = \($0)" } ?? " WHERE v.team_id = ANY(\(scope.teams))"
        if let team = self.team, !scope.teams.contains(team) { condition += " AND v.team_id = \(team)" }
        if let project { condition += " AND v.project_id = \(project)" }
        if let master { condition += " AND v.master_id = \(master) AND v.id <> v.master_id" }
        if let clip { condition += " AND v.clip_id = \(clip)" }
        return condition + clipMode.clause("v.kind = 'clip'")
    }

    /// The one kept list that the filter means; nil for lists of several teams, and where two of them meet.
    func keptList(_ scope: TeamScope) -> VideoList? {
        let teams = team.map { wanted in scope.teams.filter { $0 == wanted } } ?? scope.teams
        switch (project, master, clip) {
        case (nil, nil, nil): return teams.count == 1 ? VideoList(.team(teams[0]), clipMode) : nil
        case (let project?, nil, nil): return VideoList(.project(project, of: teams), clipMode)
        case (nil, let master?, nil): return VideoList(.master(master, of: teams), clipMode)
        case (nil, nil, let clip?): return VideoList(.clip(clip, of: teams), clipMode)
        default: return nil
        }
    }
}
