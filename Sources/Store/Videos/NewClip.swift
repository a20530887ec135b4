import Domain
package import Postgres
import Primitives

/// What a file is, by looking into it.
package struct IngestedContainer: Hashable, Sendable {
    /// Such as `QuickTime / MOV`.
    package let name: String
    /// Such as `video/quicktime`.
    package let mimeType: String

    package init(name: String, mimeType: String) {
        self.name = name
        self.mimeType = mimeType
    }
}

/// A free clip to be cut from a master.
package struct NewClip: Hashable, Sendable {
    package var name: String
    /// Part of the master in milliseconds; nil for its start and its end.
    package var startMs: Int64?
    package var endMs: Int64?
    package var options: JSONDocument
    package var plan: JSONDocument
    package var segments: [NewSegment]

    package init(
        name: String, startMs: Int64?, endMs: Int64?, options: JSONDocument, plan: JSONDocument, segments: [NewSegment]
    ) {
        self.name = name
        self.startMs = startMs
        self.endMs = endMs
        self.options = options
        self.plan = plan
        self.segments = segments
    }

    /// Makes the clip's video and job; nothing when the team wants no clips, or the master has one.
    func insert(of master: ID<Video>, priority: Int, in transaction: borrowing Transaction) throws(PostgresError) {
        let clip = ID<Video>()
        let team = try transaction.value(
            """
            INSERT INTO videos (id, team_id, user_id, project_id, kind, name, master_id, source_id, clip_id, full_ingestion,
                processing_status, processing_updated_at, start_ms, end_ms, options)
            SELECT \(clip), v.team_id, v.user_id, v.project_id, 'clip', \(name), v.id, v.id, \(clip), v.full_ingestion,
                'IN_PROGRESS', clock_timestamp(), \(startMs), \(endMs), \(options)
            FROM videos v JOIN teams t ON t.id = v.team_id
            WHERE v.id = \(master) AND v.kind = 'master' AND t.free_clips
                AND NOT EXISTS (SELECT FROM videos c WHERE c.source_id = v.id AND c.kind = 'clip')
            RETURNING team_id
            """, as: ID<Team>.self)
        guard let team else { return }
        try JobStore.insert(
            JobStore.JobToInsert(
                team: team, video: clip, videoKind: .clip, source: master, kind: .transcode, priority: priority, plan: plan),
            segments: segments, in: transaction)
    }
}
