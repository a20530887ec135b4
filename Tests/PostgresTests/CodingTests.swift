import FoundationEssentials
import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Binds and columns", .serialized)
struct CodingTests {
    private enum Colour: String, Bindable, ColumnDecodable { case red, green }

    private struct Everything: RowDecodable, Equatable {
        let int: Int
        let small: Int
        let flag: Bool
        let real: Double
        let text: String
        let uuid: UUID
        let instant: Date
        let bytes: Bytea
        let document: JSONDocument
        let absent: String?
        let colour: String

        init(row: inout Row) throws(PostgresError) {
            int = try row.next()
            small = try row.next()
            flag = try row.next()
            real = try row.next()
            text = try row.next()
            uuid = try row.next()
            instant = try row.next()
            bytes = try row.next()
            document = try row.next()
            absent = try row.next()
            colour = try row.next(Colour.self).rawValue
        }
    }

    @Test("every kind of value survives the way there and back")
    func roundTrip() async throws {
        let database = try await TestDatabase.empty()
        let uuid = UUID()
        let instant = Date(timeIntervalSince1970: 1_772_625_600.123456)
        let text = "naïve — 'quoted' \\ \"x\" 𝄞\n\t"
        let row: Everything = try await database.pool.run { connection in
            try connection.one(
                """
                SELECT \(Int.min), 7::smallint, \(true), \(-1.5e300), \(text), \(uuid), \(instant),
                    \(Bytea([0, 255, 0])), \(JSONDocument(#"{"a": [1, "ü"]}"#)), \(String?.none), \(Colour.green)::text
                """)
        }
        #expect(row.int == Int.min)
        #expect(row.small == 7)
        #expect(row.flag)
        #expect(row.real == -1.5e300)
        #expect(row.text == text)
        #expect(row.uuid == uuid)
        #expect(abs(row.instant.timeIntervalSince(instant)) < 1e-6)
        #expect(row.bytes.bytes == [0, 255, 0])
        #expect(row.document.text == #"{"a": [1, "ü"]}"#)
        #expect(row.absent == nil)
        #expect(row.colour == "green")
        await database.pool.close()
    }

    @Test("arrays survive, empty ones too")
    func arrays() async throws {
        let database = try await TestDatabase.empty()
        let ids = [UUID(), UUID()]
        let texts = ["a", "", "x,y", "{\"}", "ü"]
        try await database.pool.run { connection in
            let values = (
                ids: try connection.value("SELECT \(ids)", as: [UUID].self),
                texts: try connection.value("SELECT \(texts)", as: [String].self),
                integers: try connection.value("SELECT \([1, -2, Int.max])", as: [Int].self),
                none: try connection.value("SELECT \([String]())", as: [String].self),
                isMember: try connection.value("SELECT 2 = ANY(\([1, 2]))", as: Bool.self),
                noBytes: try connection.value("SELECT \(Bytea([]))", as: Bytea.self)
            )
            #expect(values.ids == ids)
            #expect(values.texts == texts)
            #expect(values.integers == [1, -2, Int.max])
            #expect(values.none == [])
            #expect(values.isMember == true)
            #expect(values.noBytes?.bytes == [])
        }
        await database.pool.close()
    }

    @Test("reading a column as something else is an error that names it")
    func typeMismatch() async throws {
        let database = try await TestDatabase.empty()
        await #expect(throws: PostgresError.self) {
            try await database.pool.run { try $0.value("SELECT 1::bigint", as: UUID.self) }
        }
        await #expect(throws: PostgresError.column(index: 0, expected: "text", problem: "is null")) {
            try await database.pool.run { try $0.value("SELECT NULL::text", as: String.self) }
        }
        await #expect(throws: PostgresError.rowCount(expected: "at most 1", actual: 3)) {
            try await database.pool.run { try $0.value("SELECT generate_series(1, 3)", as: Int.self) }
        }
        await database.pool.close()
    }

    @Test("text with NUL is refused, not cut")
    func refusesNUL() async throws {
        let database = try await TestDatabase.empty()
        await #expect(throws: PostgresError.bind(index: 2, problem: "text contains NUL")) {
            try await database.pool.run { try $0.value("SELECT \(1), \("a\0b")", as: Int.self) }
        }
        await database.pool.close()
    }

    @Test("a refused statement tells code and constraint, and the connection goes on")
    func serverErrors() async throws {
        let database = try await TestDatabase.empty()
        try await database.pool.run { connection in
            try connection.run(unescapedScript: "CREATE TABLE one (id int CONSTRAINT one_id_key UNIQUE)")
            try connection.execute("INSERT INTO one VALUES (\(1))")
            do {
                try connection.execute("INSERT INTO one VALUES (\(1))")
                Issue.record("a duplicate was taken")
            } catch let error as PostgresError {
                #expect(error.sqlState == .uniqueViolation)
                #expect(error.constraint == "one_id_key")
            }
            let deleted = try connection.execute("DELETE FROM one")
            #expect(deleted == 1)
        }
        await database.pool.close()
    }
}
