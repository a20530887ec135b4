import Credentials
import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store
import TestSupport
import Testing

/// What only the operator changes.
@Suite("Changes by the operator") struct OperatorTests {
    /// A change, and the entry it leaves; the changes follow each other.
    private struct Change: Sendable {
        let operation: String
        let make: @Sendable (Fixture) async throws -> Void
    }

    private static let changes = [
        Change(operation: "account create") { fixture in
            _ = try await AccountStore(pool: fixture.pool).createAccount(
                email: "second@example.com", name: "Second", password: try PasswordHash.make("x", cost: .cheap), teamName: "Second",
                firstKey: .generate())
        },
        Change(operation: "account unlock") { _ = try await AccountStore(pool: $0.pool).unlock($0.account.user.id) },
        Change(operation: "account adjust") {
            try await BillingStore(pool: $0.pool).adjust(
                $0.account.team.id,
                BillingStore.Adjustment(kind: .processing, type: .manual, category: .processing, amount: Dollars(5), reason: "gift"))
        },
        Change(operation: "account billing AWS_MARKETPLACE") {
            try await MarketplaceStore(pool: $0.pool).setBillingType(.marketplace, of: $0.account.team.id)
        },
        Change(operation: "account marketplace link agmt-1") {
            let agreement = NewAgreement(
                agreementID: "agmt-1", licenseARN: "arn", offerID: "o", productID: "p", productName: "P", buyerAccountID: "1",
                sellerAccountID: "2", acceptedAt: Date(), startedAt: Date())
            _ = try await MarketplaceStore(pool: $0.pool).link(agreement, to: $0.account.team.id)
        },
        Change(operation: "account marketplace end agmt-1") { try await MarketplaceStore(pool: $0.pool).end("agmt-1", now: true) },
    ]

    /// Everything the operator changes, as text.
    private static func state(_ fixture: Fixture) async throws -> [String] {
        try await fixture.pool.run {
            try $0.values(
                """
                SELECT coalesce(string_agg(row, ' ' ORDER BY row), '') FROM (
                    SELECT u::text AS row FROM users u UNION ALL SELECT k::text FROM api_keys k UNION ALL SELECT t::text FROM teams t
                    UNION ALL SELECT t::text FROM transactions t UNION ALL SELECT m::text FROM marketplace_agreements m
                    UNION ALL SELECT a::text FROM audit_log a) rows
                """, as: String.self)
        }
    }

    @Test("A change and its entry in the audit log are made together or not at all")
    func together() async throws {
        try await Fixture.with { fixture in
            try await fixture.pool.run { try $0.execute("UPDATE users SET locked_until = now() + interval '1 hour', failed_sign_ins = 10") }
            for change in Self.changes {
                try await fixture.pool.run { connection in
                    try connection.run(
                        unescapedScript: """
                            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
                            CREATE TRIGGER refuse BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse();
                            """)
                }
                let before = try await Self.state(fixture)
                await #expect(throws: PostgresError.self, "\(change.operation)") { try await change.make(fixture) }
                #expect(try await Self.state(fixture) == before, "\(change.operation)")
                try await fixture.pool.run { try $0.run(unescapedScript: "DROP FUNCTION refuse CASCADE") }
                try await change.make(fixture)
                let last = try await fixture.pool.run {
                    try $0.values(
                        "SELECT operation FROM audit_log WHERE actor = 'OPERATOR' ORDER BY created_at DESC LIMIT 1", as: String.self)
                }
                #expect(last == [change.operation])
            }
        }
    }

    @Test("What is refused leaves no entry")
    func refused() async throws {
        try await Fixture.with { fixture in
            let marketplace = MarketplaceStore(pool: fixture.pool)
            try await Self.changes[4].make(fixture)
            let before = try await Self.state(fixture)
            await #expect(throws: StoreError.conflict(.agreementTaken)) { try await Self.changes[4].make(fixture) }
            await #expect(throws: StoreError.notFound(.agreement)) { try await marketplace.end("agmt-2", now: false) }
            await #expect(throws: StoreError.notFound(.team)) { try await marketplace.setBillingType(.stripe, of: ID()) }
            await #expect(throws: StoreError.notFound(.user)) { _ = try await AccountStore(pool: fixture.pool).unlock(ID()) }
            #expect(try await Self.state(fixture) == before)
        }
    }
}
