-- Whose transactions the numbers in team_events are: of this database's server, or, in a restored backup, of the one it was made of.
--
-- Reads team_events once, which holds seven days: a backup made before this table was can be told by its rows only, whose own
-- transaction (xmin) is the restoring one, or by what an earlier version moved to 0.

CREATE TABLE event_numbering (
    -- There is one row.
    is_only boolean DEFAULT true CONSTRAINT event_numbering_pkey PRIMARY KEY CONSTRAINT event_numbering_is_only_check CHECK (is_only),
    -- System identifier and timeline of the server's cluster. Databases of one cluster share its numbers, so that a backup restored
    -- beside the original keeps them; a cluster set back to an earlier state begins a timeline, and gives numbers out again.
    cluster text NOT NULL,
    -- When this was last found to be a restored database; null for one that never was.
    restored_at timestamptz
);

INSERT INTO event_numbering (cluster)
SELECT CASE
    WHEN EXISTS (SELECT FROM team_events WHERE transaction = 0 OR transaction & 4294967295 <> xmin::text::bigint) THEN 'unknown'
    ELSE s.system_identifier || '/' || c.timeline_id
END FROM pg_control_system() s, pg_control_checkpoint() c;
