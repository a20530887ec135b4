import Domain
import Postgres
import Primitives

/// Lists of videos whose length, and whose parts, the database keeps (migration 0013), put together as one: a page of it costs the
/// same wherever it is.
struct VideoList {
    /// Which column of videos the lists are of, less `_id`.
    enum Kind: String { case team, project, master, clip }

    private let kind: Kind
    /// One list, or those of several teams.
    private let ids: SQL
    /// What must hold for the list to be seen; else it is empty.
    private let isVisible: SQL
    /// Clips and others are counted apart.
    private let clipMode: FilterMode

    /// Everything of these teams.
    static func teams(_ teams: [ID<Team>], _ clipMode: FilterMode) -> VideoList {
        VideoList(kind: .team, ids: "\(teams)", isVisible: "true", clipMode: clipMode)
    }

    /// The videos of a project, if it is of one of the teams.
    static func project(_ id: ID<Project>, of teams: [ID<Team>], _ clipMode: FilterMode) -> VideoList {
        VideoList(
            kind: .project, ids: "ARRAY[\(id)]", isVisible: "EXISTS (SELECT FROM projects WHERE id = \(id) AND team_id = ANY(\(teams)))",
            clipMode: clipMode)
    }

    /// What was made from a master, without the master itself, if it is of one of the teams and of the project: derived videos are
    /// of their master's.
    static func master(_ id: ID<Video>, in project: ID<Project>? = nil, of teams: [ID<Team>], _ clipMode: FilterMode) -> VideoList {
        VideoList(kind: .master, ids: "ARRAY[\(id)]", isVisible: isThere(id, project, of: teams), clipMode: clipMode)
    }

    /// The clips of a clip, if that is of one of the teams, of the master and of the project: clips of a clip are of its.
    static func clip(
        _ id: ID<Video>, from master: ID<Video>? = nil, in project: ID<Project>? = nil, of teams: [ID<Team>], _ clipMode: FilterMode
    ) -> VideoList {
        VideoList(kind: .clip, ids: "ARRAY[\(id)]", isVisible: isThere(id, project, from: master, of: teams), clipMode: clipMode)
    }

    private static func isThere(
        _ video: ID<Video>, _ project: ID<Project>?, from master: ID<Video>? = nil, of teams: [ID<Team>]
    ) -> SQL {
        var condition: SQL = "id = \(video) AND team_id = ANY(\(teams))"
        if let project { condition += " AND project_id = \(project)" }
        if let master { condition += " AND master_id = \(master)" }
        return "EXISTS (SELECT FROM videos WHERE " + condition + ")"
    }

    /// What makes a video `v` one of the part `near`: with an index for either order.
    private var condition: SQL {
        let owned: SQL =
            kind == .master ? "v.master_id = near.list_id AND v.kind <> 'master'" : "v.\(unescaped: kind.rawValue)_id = near.list_id"
        return owned + clipMode.clause("v.kind = 'clip'")
    }

    /// How many of the counted videos a list or a part keeps.
    private var count: SQL {
        switch clipMode {
        case .include: "clips + others"
        case .exclude: "others"
        case .only: "clips"
        }
    }

    /// Videos of the whole list: one row for each of the lists, by its key.
    var total: SQL { "SELECT coalesce(sum(" + count + "), 0)::bigint FROM video_lists WHERE id = ANY(" + ids + ") AND " + isVisible }

    /// The ids of a page. Parts are added up until the page must have begun, and until it must have ended; only parts between, and
    /// those that lie across the two ends, are walked along an index: two parts of a list at most, and of several lists a few of each.
    ///
    /// - Parameter offset: below the length of the list.
    func page(_ request: PageRequest, offset: Int) -> SQL {
        let column = request.sortBy.column
        let isAscending = request.direction == .ascending
        let direction: SQL = isAscending ? "ASC" : "DESC"
        // In the order of the list a part goes from its front to its back.
        let front: SQL = isAscending ? "lower" : "upper"
        let back: SQL = isAscending ? "upper" : "lower"
        let comesAfter: SQL = isAscending ? ">" : "<"
        let last: SQL = isAscending ? "max" : "min"
        let first: SQL = isAscending ? "min" : "max"
        // OFFSET 0 keeps the planner from joining the parts with a walk along all of the list; the order of a part names the index,
        // which statistics cannot, where most lists are short.
        return """
            WITH parts AS MATERIALIZED (
                SELECT list_id, lower, lead(lower, 1, 'infinity') OVER (PARTITION BY list_id ORDER BY lower) AS upper, \(count) AS size
                FROM video_list_parts WHERE list_id = ANY(\(ids)) AND sort = \(column)
            ), fronts AS (
                SELECT \(front) AS time, sum(sum(size)) OVER (ORDER BY \(front) \(direction)) - sum(size) AS most FROM parts GROUP BY \(front)
            ), backs AS (
                SELECT \(back) AS time, sum(sum(size)) OVER (ORDER BY \(back) \(direction)) AS least FROM parts GROUP BY \(back)
            ), span AS MATERIALIZED (
                SELECT (SELECT \(last)(time) FROM fronts WHERE most <= \(offset)) AS front,
                    coalesce(
                        (SELECT \(first)(time) FROM backs WHERE least >= \(offset + request.size)),
                        (SELECT \(last)(time) FROM backs)) AS back
            ), near AS MATERIALIZED (
                SELECT p.list_id, p.lower, p.upper FROM parts p, span
                WHERE p.size > 0 AND p.\(back) \(comesAfter) span.front AND span.back \(comesAfter) p.\(front)
            )
            SELECT v.id FROM near CROSS JOIN LATERAL (
                SELECT v.id, v.\(unescaped: column) AS time FROM videos v
                WHERE \(condition) AND v.\(unescaped: column) >= near.lower AND v.\(unescaped: column) < near.upper
                ORDER BY v.\(unescaped: column) \(direction), v.id \(direction) OFFSET 0
            ) v
            ORDER BY v.time \(direction), v.id \(direction)
            LIMIT \(request.size)
            OFFSET \(offset) - (SELECT coalesce(sum(p.size), 0)::bigint FROM parts p, span WHERE NOT p.\(back) \(comesAfter) span.front)
            """
    }
}
