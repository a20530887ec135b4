-- Every event of a team in the order it was committed, for streams, whether a webhook wants it or not; and webhook events
-- that can be delivered again. Adding the columns locks webhook_events for a moment only: their defaults are constants.

CREATE TABLE team_events (
    id uuid CONSTRAINT team_events_pkey PRIMARY KEY,
    team_id uuid NOT NULL CONSTRAINT team_events_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    event_type text NOT NULL,
    -- No foreign key: the event outlives a deleted video.
    video_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    -- A reader takes rows of transactions older than every one still open, ordered by transaction and place in it: what it
    -- has not seen always comes later in that order.
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    position bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX team_events_order_idx ON team_events (team_id, transaction, position);
CREATE INDEX team_events_occurred_at_idx ON team_events (occurred_at);

ALTER TABLE webhook_events
    ADD COLUMN replayed_at timestamptz,
    ADD COLUMN attempts_before_replay integer NOT NULL DEFAULT 0;
CREATE INDEX webhook_events_dead_idx ON webhook_events (team_id, created_at, id) WHERE successful IS FALSE;
