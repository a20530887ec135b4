import Domain
import Postgres
import Primitives

/// A list of videos whose length, and whose parts, the database keeps (migration 0013): a page of it costs the same wherever
/// it is.
struct VideoList {
    /// Whose list it is; where that could be another team's, the teams it may belong to.
    enum Owner {
        case team(ID<Team>)
        case project(ID<Project>, of: [ID<Team>])
        /// What was made from the master, without the master itself.
        case master(ID<Video>, of: [ID<Team>])
        case clip(ID<Video>, of: [ID<Team>])
    }

    let owner: Owner
    /// Clips and others are counted apart.
    let clipMode: FilterMode

    init(_ owner: Owner, _ clipMode: FilterMode) {
        self.owner = owner
        self.clipMode = clipMode
    }

    /// The list in `video_lists`.
    private var id: SQL {
        switch owner {
        case .team(let id): "\(id)"
        case .project(let id, _): "\(id)"
        case .master(let id, _), .clip(let id, _): "\(id)"
        }
    }

    /// Whether the owner is of a team that may be seen.
    private var isVisible: SQL {
        switch owner {
        case .team: "true"
        case .project(let id, let teams): "EXISTS (SELECT FROM projects WHERE id = \(id) AND team_id = ANY(\(teams)))"
        case .master(let id, let teams), .clip(let id, let teams):
            "EXISTS (SELECT FROM videos WHERE id = \(id) AND team_id = ANY(\(teams)))"
        }
    }

    /// What makes a video `v` one of the list: with an index for either order.
    private var condition: SQL {
        let owned: SQL =
            switch owner {
            case .team(let id): "v.team_id = \(id)"
            case .project(let id, _): "v.project_id = \(id)"
            case .master(let id, _): "v.master_id = \(id) AND v.kind <> 'master'"
            case .clip(let id, _): "v.clip_id = \(id)"
            }
        return owned + clipMode.clause("v.kind = 'clip'")
    }

    /// How many of the counted videos the list keeps.
    private var count: SQL {
        switch clipMode {
        case .include: "clips + others"
        case .exclude: "others"
        case .only: "clips"
        }
    }

    /// Videos of the whole list: one row by its key.
    var total: SQL { "SELECT " + count + " FROM video_lists WHERE id = " + id + " AND " + isVisible }

    /// The ids of a page: parts are added up until the page begins, and only those that it lies in are walked, along an index.
    func page(_ request: PageRequest, offset: Int) -> SQL {
        let column = request.sortBy.column
        // OFFSET 0 keeps the planner from joining the parts with a walk along all of the list.
        let direction: SQL = request.direction == .ascending ? "ASC" : "DESC"
        return """
            WITH parts AS (
                SELECT lower, lead(lower, 1, 'infinity') OVER (ORDER BY lower) AS upper, \(count) AS size,
                    (sum(\(count)) OVER (ORDER BY lower \(direction)) - (\(count)))::bigint AS before
                FROM video_list_parts WHERE list_id = \(id) AND sort = \(column)
            ), near AS (
                SELECT lower, upper, before FROM parts WHERE before < \(offset + request.size) AND before + size > \(offset)
            )
            SELECT v.id FROM near CROSS JOIN LATERAL (
                SELECT v.id, v.\(unescaped: column) AS time FROM videos v
                WHERE \(condition) AND v.\(unescaped: column) >= near.lower AND v.\(unescaped: column) < near.upper
                OFFSET 0
            ) v
            ORDER BY v.time \(direction), v.id \(direction)
            LIMIT \(request.size) OFFSET \(offset) - (SELECT min(before) FROM near)
            """
    }
}
