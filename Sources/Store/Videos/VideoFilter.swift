package import Domain
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
    /// The kept list that the filter means. Where a master or a clip is named, its list is within its project's and its team's, so
    /// that the other members only say whether it is seen.
    func list(_ scope: TeamScope) -> VideoList {
        let teams = team.map { wanted in scope.teams.filter { $0 == wanted } } ?? scope.teams
        if let clip { return .clip(clip, from: master, in: project, of: teams, clipMode) }
        if let master { return .master(master, in: project, of: teams, clipMode) }
        if let project { return .project(project, of: teams, clipMode) }
        return .teams(teams, clipMode)
    }
}
