import Domain
import HTTP
import Store

/// The parameters all lists share.
enum PageQuery {
    static let parameters = ["pageNumber", "pageSize", "sortDirection", "sortBy"]

    /// The names of sort directions in queries.
    enum Direction: String, CaseIterable {
        case ascending = "ASC"
        case descending = "DESC"
    }

    /// The names of sort fields in queries.
    enum Field: String, CaseIterable { case createdAt, updatedAt }

    /// The names of filter modes in queries.
    enum Mode: String, CaseIterable {
        case include = "INCLUDE"
        case exclude = "EXCLUDE"
        case only = "ONLY"

        var filterMode: FilterMode {
            switch self {
            case .include: .include
            case .exclude: .exclude
            case .only: .only
            }
        }
    }
}

extension QueryReader {
    /// Page number from 0, 1 to 100 rows a page (10 by default), by creation, the oldest first.
    func page() -> PageRequest {
        let direction = choice("sortDirection", of: PageQuery.Direction.self) ?? .ascending
        let field = choice("sortBy", of: PageQuery.Field.self) ?? .createdAt
        return PageRequest(
            number: integer("pageNumber", in: 0...Int(Int32.max)) ?? 0, size: integer("pageSize", in: 1...100) ?? 10,
            sortBy: field == .createdAt ? .createdAt : .updatedAt, direction: direction == .ascending ? .ascending : .descending)
    }

    func filterMode(_ name: String) -> FilterMode { choice(name, of: PageQuery.Mode.self)?.filterMode ?? .include }
}

extension Page {
    /// The contract's envelope.
    func json(_ item: (Element) throws -> JSON) rethrows -> JSON {
        .members([
            "pageNumber": .integer(Int64(request.number)),
            "pageSize": .integer(Int64(request.size)),
            "numberOfElements": .integer(Int64(items.count)),
            "totalPages": .integer(Int64(totalPages)),
            "totalElements": .integer(Int64(total)),
            "items": .array(try items.map(item)),
        ])
    }
}
