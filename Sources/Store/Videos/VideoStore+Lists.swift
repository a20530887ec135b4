package import Domain
package import Postgres
package import Primitives

/// Lists of videos, page by page.
extension VideoStore {
    package func list(scope: TeamScope, filter: VideoFilter = VideoFilter(), page: PageRequest) async throws -> Page<VideoRecord> {
        try await pool.run { connection in
            try Self.page(of: filter.list(scope), page, on: connection)
        }
    }

    /// Videos made from this one, at any depth. Throws `.notFound(.video)`.
    package func derived(of id: ID<Video>, scope: TeamScope, page: PageRequest) async throws -> Page<VideoRecord> {
        try await pool.run { connection in
            let kind = try connection.value(
                "SELECT kind FROM videos WHERE id = \(id) AND team_id = ANY(\(scope.teams))", as: VideoKind.self)
            switch kind {
            case nil: throw StoreError.notFound(.video)
            case .master: return try Self.page(of: VideoList.master(id, of: scope.teams, .include), page, on: connection)
            case .processed, .clip: return try Self.page(of: " WHERE v.id IN (" + Self.derivedIDs(of: id) + ")", page, on: connection)
            }
        }
    }

    /// How PostgreSQL finds the length and one page of a list, as JSON: for the test that neither walks to it.
    package func explainList(scope: TeamScope, filter: VideoFilter = VideoFilter(), page: PageRequest) async throws -> (
        total: JSONDocument, page: JSONDocument
    ) {
        let list = filter.list(scope)
        return try await pool.run { connection in
            let explain: SQL = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "
            let total = try connection.one(explain + list.total, as: ExplainedPlan.self)
            let rows = Self.rows(list.page(page, offset: page.number * page.size), page)
            return (total.plan, try connection.one(explain + rows, as: ExplainedPlan.self).plan)
        }
    }

    private struct ExplainedPlan: RowDecodable {
        let plan: JSONDocument
        init(row: inout Row) throws(PostgresError) { plan = try row.next() }
    }

    private static func page(of list: VideoList, _ request: PageRequest, on connection: borrowing Connection) throws(PostgresError)
        -> Page<VideoRecord>
    {
        let total = try connection.value(list.total, as: Int.self) ?? 0
        guard let offset = request.offset(within: total) else { return Page(request: request, total: total, items: []) }
        let items: [VideoRecord] = try connection.query(rows(list.page(request, offset: offset), request))
        return Page(request: request, total: total, items: items)
    }

    /// For what is kept in no list: counted and walked, from whichever end is nearer.
    private static func page(of condition: SQL, _ request: PageRequest, on connection: borrowing Connection) throws(PostgresError)
        -> Page<VideoRecord>
    {
        let total = try connection.value("SELECT count(*) FROM videos v" + condition, as: Int.self) ?? 0
        guard let offset = request.offset(within: total) else { return Page(request: request, total: total, items: []) }
        let count = min(request.size, total - offset)
        let fromEnd = offset > total / 2
        let ids: SQL =
            "SELECT v.id FROM videos v" + condition + request.ordering("v", reversed: fromEnd)
            + " LIMIT \(count) OFFSET \(fromEnd ? total - offset - count : offset)"
        return Page(request: request, total: total, items: try connection.query(rows(ids, request)))
    }

    /// Only the rows of the page are read whole.
    private static func rows(_ ids: SQL, _ request: PageRequest) -> SQL {
        "SELECT " + VideoRecord.columns + VideoRecord.joins + " WHERE v.id = ANY(ARRAY(" + ids + "))" + request.ordering("v")
    }
}
