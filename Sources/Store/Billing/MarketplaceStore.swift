package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// An agreement of a team with the marketplace.
package struct AgreementRecord: Hashable, RowDecodable {
    package let agreementID: String
    package let createdAt: Date
    package let updatedAt: Date
    package let team: ID<Team>
    package let status: AgreementStatus
    package let licenseARN: String
    package let offerID: String
    package let productID: String
    package let productName: String
    package let buyerAccountID: String
    package let sellerAccountID: String
    package let acceptedAt: Date
    package let startedAt: Date
    /// When it was linked to the team.
    package let linkedAt: Date
    /// The hour from which on use is metered.
    package let effectiveFrom: Date
    package let cancellationRequestedAt: Date?
    package let deprovisionedAt: Date?
    package let replacesAgreementID: String?

    static let columns: SQL = """
        m.agreement_id, m.created_at, m.updated_at, m.team_id, m.status, m.license_arn, m.offer_id, m.product_id, m.product_name,
        m.buyer_account_id, m.seller_account_id, m.accepted_at, m.started_at, m.linked_at, m.effective_from,
        m.cancellation_requested_at, m.deprovisioned_at, m.replaces_agreement_id
        """

    package init(row: inout Row) throws(PostgresError) {
        agreementID = try row.next()
        createdAt = try row.next()
        updatedAt = try row.next()
        team = try row.next()
        status = try row.next()
        licenseARN = try row.next()
        offerID = try row.next()
        productID = try row.next()
        productName = try row.next()
        buyerAccountID = try row.next()
        sellerAccountID = try row.next()
        acceptedAt = try row.next()
        startedAt = try row.next()
        linkedAt = try row.next()
        effectiveFrom = try row.next()
        cancellationRequestedAt = try row.next()
        deprovisionedAt = try row.next()
        replacesAgreementID = try row.next()
    }
}

/// An agreement as the marketplace tells of it.
package struct NewAgreement: Sendable {
    /// 1 to 255 characters, not `current`, which is a path of the API.
    package var agreementID: String
    package var licenseARN: String
    package var offerID: String
    package var productID: String
    package var productName: String
    package var buyerAccountID: String
    package var sellerAccountID: String
    package var acceptedAt: Date
    package var startedAt: Date

    package init(
        agreementID: String, licenseARN: String, offerID: String, productID: String, productName: String, buyerAccountID: String,
        sellerAccountID: String, acceptedAt: Date, startedAt: Date
    ) {
        self.agreementID = agreementID
        self.licenseARN = licenseARN
        self.offerID = offerID
        self.productID = productID
        self.productName = productName
        self.buyerAccountID = buyerAccountID
        self.sellerAccountID = sellerAccountID
        self.acceptedAt = acceptedAt
        self.startedAt = startedAt
    }
}

/// Agreements with the marketplace, and how teams are billed. Only the operator changes either, by commands whose entries in the
/// audit log are part of the change.
package struct MarketplaceStore: Sendable {
    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    package func list(scope: TeamScope, team: ID<Team>? = nil, page: PageRequest) async throws -> Page<AgreementRecord> {
        try await pool.run {
            let filter: SQL = team.map { " AND m.team_id = \($0)" } ?? .empty
            return try $0.page(
                AgreementRecord.columns, "FROM marketplace_agreements m WHERE m.team_id = ANY(\(scope.teams))" + filter, alias: "m", page)
        }
    }

    package func get(_ agreement: String, scope: TeamScope) async throws -> AgreementRecord? {
        // Text that cannot be stored names nothing.
        guard !agreement.utf8.contains(0) else { return nil }
        return try await pool.run {
            try $0.first(
                """
                SELECT \(AgreementRecord.columns) FROM marketplace_agreements m
                WHERE m.agreement_id = \(agreement) AND m.team_id = ANY(\(scope.teams))
                """)
        }
    }

    /// The agreement of a team that is alive; nil when there is none.
    package func current(of team: ID<Team>) async throws -> AgreementRecord? {
        try await pool.run {
            try $0.first(
                """
                SELECT \(AgreementRecord.columns) FROM marketplace_agreements m
                WHERE m.team_id = \(team) AND m.status <> 'UNSUBSCRIBED'
                """)
        }
    }

    /// When a team was first linked to an agreement; nil when it never was.
    package func firstLink(of team: ID<Team>) async throws -> Date? {
        try await pool.run {
            try $0.value("SELECT min(linked_at) FROM marketplace_agreements WHERE team_id = \(team)", as: Date?.self) ?? nil
        }
    }

    /// Links an agreement to a team and bills the team through it from then on. An agreement of the team that is alive ends,
    /// and the new one replaces it. Throws `.notFound(.team)`, or `.conflict(.agreementTaken)`.
    package func link(_ new: NewAgreement, to team: ID<Team>) async throws -> AgreementRecord {
        try await pool.transaction { transaction in
            try Self.setBillingType(.marketplace, of: team, in: transaction)
            let replaced = try transaction.value(
                """
                UPDATE marketplace_agreements SET status = 'UNSUBSCRIBED', deprovisioned_at = now(), updated_at = now()
                WHERE team_id = \(team) AND status <> 'UNSUBSCRIBED' RETURNING agreement_id
                """, as: String.self)
            let linked: AgreementRecord
            do {
                linked = try transaction.one(
                    """
                    INSERT INTO marketplace_agreements AS m (agreement_id, id, team_id, status, license_arn, offer_id, product_id,
                        product_name, buyer_account_id, seller_account_id, accepted_at, started_at, linked_at, effective_from,
                        replaces_agreement_id)
                    VALUES (\(new.agreementID), \(ID<AgreementRecord>()), \(team), 'SUBSCRIBED', \(new.licenseARN), \(new.offerID),
                        \(new.productID), \(new.productName), \(new.buyerAccountID), \(new.sellerAccountID), \(new.acceptedAt),
                        \(new.startedAt), now(), date_trunc('hour', now()), \(replaced))
                    RETURNING \(AgreementRecord.columns)
                    """)
            } catch let error as PostgresError where error.constraint == "marketplace_agreements_pkey" {
                throw StoreError.conflict(.agreementTaken)
            }
            try Self.record("marketplace link \(new.agreementID)", of: team, in: transaction)
            return linked
        }
    }

    /// Notes that an agreement is to end, or that it has ended; returns its team. Throws `.notFound(.agreement)` for one that is
    /// not alive.
    @discardableResult
    package func end(_ agreement: String, now isOver: Bool) async throws -> ID<Team> {
        try await pool.transaction { transaction in
            let team: ID<Team>? = try transaction.value(
                """
                UPDATE marketplace_agreements SET status = \(isOver ? AgreementStatus.unsubscribed : .unsubscribePending),
                    cancellation_requested_at = coalesce(cancellation_requested_at, now()),
                    deprovisioned_at = CASE WHEN \(isOver) THEN now() END, updated_at = now()
                WHERE agreement_id = \(agreement) AND status <> 'UNSUBSCRIBED' RETURNING team_id
                """)
            guard let team else { throw StoreError.notFound(.agreement) }
            try Self.record("marketplace end \(agreement)", of: team, in: transaction)
            return team
        }
    }

    /// Changes how a team is billed; appraisals made before cannot be accepted any more. Throws `.notFound(.team)`.
    package func setBillingType(_ type: BillingType, of team: ID<Team>) async throws {
        try await pool.transaction { transaction in
            try Self.setBillingType(type, of: team, in: transaction)
            try Self.record("billing \(type.rawValue)", of: team, in: transaction)
        }
    }

    /// Notes the operator's command.
    private static func record(_ command: String, of team: ID<Team>, in transaction: borrowing Transaction) throws(PostgresError) {
        try AuditStore.record(.operator, "account " + command, team: team, user: nil, in: transaction)
    }

    private static func setBillingType(_ type: BillingType, of team: ID<Team>, in transaction: borrowing Transaction) throws {
        let changed = try transaction.execute(
            """
            UPDATE teams SET billing_type = \(type), updated_at = now(),
                billing_changed_at = clock_timestamp()
            WHERE id = \(team)
            """)
        guard changed == 1 else { throw StoreError.notFound(.team) }
    }
}
