import Postgres
import TestSupport
import Testing

@Suite("Failures that pass", .timeLimit(.minutes(1)))
struct PassingTests {
    @Test("a server that ends, is full, takes no changes, or was too slow may do better later; a defect does not")
    func states() async throws {
        let database = try await TestDatabase.empty()
        let expected: [(state: String, passes: Bool)] = [
            ("57P01", true), ("57P02", true), ("57P03", true), ("53100", true), ("53200", true), ("53300", true), ("25006", true),
            ("57014", true), ("40001", true), ("40P01", true), ("55P03", true), ("08006", true), ("23505", false), ("42601", false),
            ("53400", false), ("XX000", false),
        ]
        for (state, passes) in expected {
            do {
                try await database.pool.run {
                    try $0.run(unescapedScript: "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)'; END $$")
                }
                Issue.record("\(state) was not raised")
            } catch let error as PostgresError {
                #expect(error.sqlState?.rawValue == state)
                #expect(error.isPassing == passes, "\(state)")
            }
        }
        await database.pool.close()
        let broken: [PostgresError] = [.unavailable(""), .connectionLost(""), .commitUnknown(""), .timedOut(waitedFor: .zero)]
        for error in broken { #expect(error.isPassing) }
        // Nobody waits for a pool of their own that is closed.
        #expect(!PostgresError.closed.isPassing)
    }
}
