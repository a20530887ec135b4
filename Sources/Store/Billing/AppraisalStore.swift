package import Domain
package import FoundationEssentials
package import Postgres
package import Primitives

/// An appraisal that can still be accepted.
package struct AppraisalRecord: Hashable, Sendable {
    package let id: ID<Appraisal>
    package let createdAt: Date
    package let expiresAt: Date
}

/// Appraisals: processings that were planned and priced, and wait to be accepted.
package struct AppraisalStore: Sendable {
    /// How long an appraisal can be accepted.
    package static let lifetime: Duration = .seconds(15 * 60)

    private let pool: ConnectionPool
    package init(pool: ConnectionPool) { self.pool = pool }

    /// Keeps a processing as it was appraised. Throws `.notFound(.video)` for a source outside the scope.
    ///
    /// - Parameter new: with its charge and its appraisal.
    package func create(_ new: NewProcessing, charge: Charge, appraisal: JSONDocument, scope: TeamScope) async throws -> AppraisalRecord {
        let id = ID<Appraisal>()
        return try await pool.change { transaction in
            let times: Times? = try transaction.first(
                """
                INSERT INTO appraisals (id, expires_at, team_id, source_id, video_id, kind, name, start_ms, end_ms, options, appraisal,
                    plan, segments, billing_type, amount, credits, volume, discount_tenths, products, shares)
                SELECT \(id), now() + make_interval(secs => \(Self.lifetime)), team_id, id, \(new.video), \(new.kind), \(new.name),
                    \(new.startMs), \(new.endMs), \(new.options), \(appraisal), \(new.plan), \(Self.document(new.segments)),
                    \(charge.billingType), \(charge.cost.thousandths), \(charge.credits), \(charge.volume.thousandths),
                    \(charge.discountTenths), \(charge.products), \(charge.shares)
                FROM videos WHERE id = \(new.source) AND team_id = ANY(\(scope.teams))
                RETURNING created_at, expires_at
                """)
            guard let times else { throw StoreError.notFound(.video) }
            return AppraisalRecord(id: id, createdAt: times.createdAt, expiresAt: times.expiresAt)
        }
    }

    /// How an appraisal is accepted.
    package struct Acceptance: Sendable {
        package var user: ID<User>
        /// Nil keeps the name it was appraised with.
        package var name: String?
        package var description: String?
        package var rule: BalanceRule

        package init(user: ID<User>, name: String? = nil, description: String? = nil, rule: BalanceRule) {
            self.user = user
            self.name = name
            self.description = description
            self.rule = rule
        }
    }

    /// Starts the processing exactly as it was appraised, in one transaction with the appraisal's end.
    ///
    /// Throws `.notFound(.appraisal)` for one that is unknown, over, or of another source; `.conflict(.appraisalAccepted)`,
    /// `.conflict(.appraisalOutdated)` when the team's billing has changed since; and what starting throws.
    package func accept(
        _ id: ID<Appraisal>, of source: ID<Video>, _ acceptance: Acceptance, scope: TeamScope
    ) async throws -> VideoRecord {
        try await pool.change { transaction in
            let found: Stored? = try transaction.first(
                """
                SELECT \(Stored.columns) FROM appraisals a JOIN teams t ON t.id = a.team_id
                WHERE a.id = \(id) AND a.source_id = \(source) AND a.team_id = ANY(\(scope.teams)) FOR UPDATE OF a
                """)
            guard let found else { throw StoreError.notFound(.appraisal) }
            guard !found.isAccepted else { throw StoreError.conflict(.appraisalAccepted(found.video)) }
            guard !found.isOver else { throw StoreError.notFound(.appraisal) }
            guard !found.isOutdated else { throw StoreError.conflict(.appraisalOutdated) }
            var new = NewProcessing(
                video: found.video, user: acceptance.user, source: source, kind: found.kind, name: acceptance.name ?? found.name,
                description: acceptance.description, startMs: found.startMs, endMs: found.endMs, options: found.options,
                plan: found.plan, segments: try Self.segments(found.segments))
            new.appraisal = found.appraisal
            new.charge = found.charge
            new.balanceRule = acceptance.rule
            let video = try JobStore.start(new, scope: scope, in: transaction)
            try transaction.execute("UPDATE appraisals SET accepted_at = now() WHERE id = \(id)")
            return video
        }
    }

    /// Forgets appraisals whose time is over; returns how many.
    package func prune() async throws -> Int {
        try await pool.run { try $0.execute("DELETE FROM appraisals WHERE expires_at < now()") }
    }

    private static func document(_ segments: [NewSegment]) -> JSONDocument {
        let items = segments.map { segment in
            JSON.members([
                "kind": .string(segment.kind.rawValue), "stage": .integer(Int64(segment.stage)),
                "ordinal": .integer(Int64(segment.ordinal)),
                "start": segment.frames.map { .integer(Int64($0.start)) }, "end": segment.frames.map { .integer(Int64($0.end)) },
                "weight": .integer(segment.weight), "attempts": .integer(Int64(segment.maximumAttempts)),
                "networks": .array(segment.networks.map { .integer(Int64($0)) }),
            ])
        }
        return JSONDocument(JSON.array(items).description)
    }

    private static func segments(_ document: JSONDocument) throws -> [NewSegment] {
        let problems = ProblemCollector()
        let holder = ObjectReader(
            .members(["segments": try JSON(parsing: document.text)]), known: ["segments"], problems: problems)
        let segments = holder.list("segments", count: 0...Int.max) { json, path -> NewSegment? in
            let reader = ObjectReader(
                json, path: path, known: ["kind", "stage", "ordinal", "start", "end", "weight", "attempts", "networks"], problems: problems)
            let whole: ClosedRange<Int64> = 0...Int64.max
            guard let kind = reader.choice("kind", of: UnitKind.self) else { return nil }
            let (start, end) = (reader.integer("start", in: whole), reader.integer("end", in: whole))
            let frames = start.flatMap { start in end.map { FrameRange(Int(start), Int($0)) } }
            // Appraisals of earlier builds do not say.
            let networks = reader.list("networks", count: 0...Int.max) { json, _ -> Int? in
                guard case .integer(let key) = json else { return nil }
                return Int(key)
            }
            return NewSegment(
                kind: kind, stage: Int(reader.requiredInteger("stage", in: whole)),
                ordinal: Int(reader.requiredInteger("ordinal", in: whole)), frames: frames,
                weight: reader.requiredInteger("weight", in: whole), maximumAttempts: Int(reader.requiredInteger("attempts", in: whole)),
                networks: networks ?? [])
        }
        try problems.check()
        return segments ?? []
    }

    private struct Times: RowDecodable {
        let createdAt: Date
        let expiresAt: Date

        init(row: inout Row) throws(PostgresError) {
            createdAt = try row.next()
            expiresAt = try row.next()
        }
    }

    private struct Stored: RowDecodable {
        let video: ID<Video>
        let isAccepted: Bool
        let isOver: Bool
        let isOutdated: Bool
        let kind: VideoKind
        let name: String
        let startMs: Int64?
        let endMs: Int64?
        let options: JSONDocument
        let appraisal: JSONDocument
        let plan: JSONDocument
        let segments: JSONDocument
        let charge: Charge

        static let columns: SQL = """
            a.video_id, a.accepted_at IS NOT NULL, a.expires_at <= now(), a.created_at < t.billing_changed_at, a.kind, a.name,
            a.start_ms, a.end_ms, a.options, a.appraisal, a.plan, a.segments,
            a.billing_type, a.amount, a.credits, a.volume, a.discount_tenths, a.products, a.shares
            """

        init(row: inout Row) throws(PostgresError) {
            video = try row.next()
            isAccepted = try row.next()
            isOver = try row.next()
            isOutdated = try row.next()
            kind = try row.next()
            name = try row.next()
            startMs = try row.next()
            endMs = try row.next()
            options = try row.next()
            appraisal = try row.next()
            plan = try row.next()
            segments = try row.next()
            charge = try Charge(row: &row)
        }
    }
}
