import Postgres

/// Which page of a list, in which order. Ties are broken by id, so that pages are stable.
package struct PageRequest: Hashable, Sendable {
    /// Counted from 0.
    package let number: Int
    /// Rows a page, 1–100.
    package let size: Int
    package let sortBy: SortField
    package let direction: SortDirection

    /// - Precondition: `number ≥ 0`, `1 ≤ size ≤ 100`.
    package init(number: Int = 0, size: Int = 10, sortBy: SortField = .createdAt, direction: SortDirection = .ascending) {
        precondition(number >= 0 && (1...100).contains(size), "page \(number) of \(size) rows")
        self.number = number
        self.size = size
        self.sortBy = sortBy
        self.direction = direction
    }

    /// ORDER BY for the table that the statement calls `alias`; reversed, from the list's other end.
    func ordering(_ alias: String, reversed: Bool = false) -> SQL {
        let column = sortBy.column
        let direction = (direction == .ascending) != reversed ? "ASC" : "DESC"
        return """
             ORDER BY \(unescaped: alias).\(unescaped: column) \(unescaped: direction), \(unescaped: alias).id \(unescaped: direction)
            """
    }

    /// Rows before the page; nil when it lies behind the end of a list of this many rows.
    func offset(within total: Int) -> Int? {
        let (offset, overflow) = number.multipliedReportingOverflow(by: size)
        return !overflow && offset < total ? offset : nil
    }

    /// ORDER BY, LIMIT and OFFSET for the table that the statement calls `alias`.
    func clause(_ alias: String) -> SQL {
        // A page number near the largest integer is a page past the end, not an overflow.
        let (offset, overflow) = number.multipliedReportingOverflow(by: size)
        return ordering(alias) + " LIMIT \(size) OFFSET \(overflow ? Int.max : offset)"
    }
}

/// What a list is sorted by.
package enum SortField: Sendable {
    case createdAt, updatedAt

    var column: String {
        switch self {
        case .createdAt: "created_at"
        case .updatedAt: "updated_at"
        }
    }
}

/// Which end a list begins at.
package enum SortDirection: Sendable { case ascending, descending }

/// One page of a list.
package struct Page<Element: Sendable>: Sendable {
    package let request: PageRequest
    /// Rows of the whole list.
    package let total: Int
    package let items: [Element]

    package init(request: PageRequest, total: Int, items: [Element]) {
        self.request = request
        self.total = total
        self.items = items
    }

    /// Pages of the whole list; 0 when it is empty.
    package var totalPages: Int { (total + request.size - 1) / request.size }
}

/// How a list treats rows of a named kind.
package enum FilterMode: Sendable {
    /// Both kinds.
    case include
    /// Without the named kind.
    case exclude
    /// Nothing but the named kind.
    case only

    /// A condition to go after others: ` AND …`, or nothing. `condition` tells the named kind.
    func clause(_ condition: SQL) -> SQL {
        switch self {
        case .include: .empty
        case .exclude: " AND NOT (\(condition))"
        case .only: " AND (\(condition))"
        }
    }
}

extension Querying where Self: ~Copyable {
    /// One page of the rows that `from` (FROM and WHERE) gives, and how many there are in all.
    func page<Record: RowDecodable>(
        _ columns: SQL, _ from: SQL, alias: String, _ request: PageRequest, as: Record.Type = Record.self
    ) throws(PostgresError) -> Page<Record> {
        let total = try value("SELECT count(*) " + from, as: Int.self) ?? 0
        guard request.offset(within: total) != nil else { return Page(request: request, total: total, items: []) }
        return Page(request: request, total: total, items: try query("SELECT " + columns + " " + from + request.clause(alias)))
    }
}
