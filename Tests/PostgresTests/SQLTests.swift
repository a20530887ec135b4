import FoundationEssentials
import Primitives
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

    @Test("text that would end a statement stays a bind")
    func escapesNothing() {
        let name = "'; DROP TABLE users; --"
        let sql: SQL = "SELECT \(name)"
        #expect(sql.text == "SELECT $1")
    }
}
