package import Domain
package import Postgres
package import Primitives

/// The rows of a list that several teams may have a part in: FROM and WHERE of each part. No row is in two of them.
///
/// The parts are read side by side, each as far as the page needs it: an index that begins with `team_id` gives the rows of one team in
/// its order, and those of many in none.
package struct TeamRows {
    private var parts: [SQL]

    /// Teams up to which each is a part of its own; the rows of more are sorted.
    private static let sideBySide = 8

    /// - Parameters:
    ///   - alias: what the statement calls the rows.
    ///   - team: keeps the rows of one team of the scope.
    ///   - others: conditions for rows that belong to no team.
    package init(of table: String, _ alias: String, _ scope: TeamScope, team: ID<Team>? = nil, or others: [SQL] = []) {
        let teams = team.map { Set(scope.teams).intersection([$0]) } ?? Set(scope.teams)
        let ofTeams: [SQL] =
            if teams.isEmpty || teams.count > Self.sideBySide {
                ["\(unescaped: alias).team_id = ANY(\(Array(teams)))"]
            } else {
                teams.map { "\(unescaped: alias).team_id = \($0)" }
            }
        parts = (ofTeams + others).map { "FROM \(unescaped: table) \(unescaped: alias) WHERE \($0)" }
    }

    /// Adds a condition, which begins with ` AND`, or nothing.
    package static func += (rows: inout TeamRows, condition: SQL) { rows.parts = rows.parts.map { $0 + condition } }

    /// How many there are.
    package var count: SQL { "SELECT " + Self.joined(parts.map { "(SELECT count(*) " + $0 + ")" }, " + ") }

    /// Those of one page, in the page's order.
    package func page(_ columns: SQL, alias: String, _ request: PageRequest, end: Int) -> SQL {
        if parts.count == 1 { return "SELECT " + columns + " " + parts[0] + request.clause(alias) }
        let first = request.ordering(alias) + " LIMIT \(end)"
        let heads: [SQL] = parts.map { "(SELECT \(unescaped: alias).* " + $0 + first + ")" }
        return "SELECT " + columns + " FROM (" + Self.joined(heads, " UNION ALL ") + ") \(unescaped: alias)" + request.clause(alias)
    }

    private static func joined(_ pieces: [SQL], _ separator: SQL) -> SQL {
        pieces.dropFirst().reduce(pieces[0]) { $0 + separator + $1 }
    }
}

extension Querying where Self: ~Copyable {
    /// One page of these rows, and how many there are in all.
    func page<Record: RowDecodable>(
        _ columns: SQL, _ rows: TeamRows, alias: String, _ request: PageRequest, as: Record.Type = Record.self
    ) throws(PostgresError) -> Page<Record> {
        let total = try value(rows.count, as: Int.self) ?? 0
        guard let offset = request.offset(within: total) else { return Page(request: request, total: total, items: []) }
        // The offset lies before the list's end, and a page has 100 rows at most.
        let end = offset + request.size
        return Page(request: request, total: total, items: try query(rows.page(columns, alias: alias, request, end: end)))
    }
}
