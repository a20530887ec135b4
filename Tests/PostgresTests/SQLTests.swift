import FoundationEssentials
import Primitives
import TestSupport
import Testing

import Postgres

@Suite("SQL values")
struct SQLTests {
    @Test("holes become numbered binds")
    func numbersBinds() {
        let sql: SQL = "SELECT \(1), \("two") WHERE \(true)"
        #expect(sql.text == "SELECT $1, $2 WHERE $3")
        #expect(sql.binds.count == 3)
    }

    @Test("a fragment keeps its binds, renumbered")
    func splicesFragments() {
        let filter: SQL = "team = \(7) AND name = \("x")"
        let sql: SQL = "SELECT \(1) WHERE \(filter) ORDER BY a \(unescaped: "DESC") LIMIT \(9)"
        #expect(sql.text == "SELECT $1 WHERE team = $2 AND name = $3 ORDER BY a DESC LIMIT $4")
        #expect((sql + " OFFSET \(3)").text == "SELECT $1 WHERE team = $2 AND name = $3 ORDER BY a DESC LIMIT $4 OFFSET $5")
    }

    @Test("a template's holes are numbered, and its values come in their order")
    func fillsTemplates() async throws {
        let database = try await TestDatabase.empty(connections: 1)
        let template = StatementTemplate("SELECT \(String.self)::text || \(Int.self)::text, \([Int].self)::int8[]")
        for number in 1...2 {
            let found: Pair? = try await database.pool.readFirst(template.with("a", number, [number, 7]))
            #expect(found == Pair(text: "a\(number)", numbers: [number, 7]))
            let alone: Pair? = try await database.pool.run { try $0.first(template.with("b", number, [Int]())) }
            #expect(alone == Pair(text: "b\(number)", numbers: []))
        }
        await database.pool.close()
    }

    private struct Pair: RowDecodable, Equatable {
        let text: String
        let numbers: [Int]

        init(text: String, numbers: [Int]) { (self.text, self.numbers) = (text, numbers) }

        init(row: inout Row) throws(PostgresError) {
            text = try row.next()
            numbers = try row.next()
        }
    }

    @Test("text that would end a statement stays a bind")
    func escapesNothing() {
        let name = "'; DROP TABLE users; --"
        let sql: SQL = "SELECT \(name)"
        #expect(sql.text == "SELECT $1")
    }
}
