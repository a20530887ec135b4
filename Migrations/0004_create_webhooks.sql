-- Webhooks and the outbox: an event is a row written with the change it tells of. Locks nothing: all tables are new.

CREATE TABLE webhooks (
    id uuid CONSTRAINT webhooks_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    team_id uuid NOT NULL CONSTRAINT webhooks_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT webhooks_name_check CHECK (length(name) BETWEEN 1 AND 47),
    description text CONSTRAINT webhooks_description_check CHECK (length(description) BETWEEN 1 AND 255),
    url text NOT NULL CONSTRAINT webhooks_url_check CHECK (length(url) BETWEEN 1 AND 4096),
    rate_limit_per_second integer NOT NULL
        CONSTRAINT webhooks_rate_limit_per_second_check CHECK (rate_limit_per_second BETWEEN 1 AND 1000),
    maximum_retry_delay_minutes integer NOT NULL
        CONSTRAINT webhooks_maximum_retry_delay_minutes_check CHECK (maximum_retry_delay_minutes BETWEEN 0 AND 1440),
    event_types text[] NOT NULL CONSTRAINT webhooks_event_types_check CHECK (cardinality(event_types) BETWEEN 1 AND 22),
    is_active boolean NOT NULL
);
CREATE INDEX webhooks_team_id_created_at_idx ON webhooks (team_id, created_at, id);

CREATE TABLE webhook_events (
    id uuid CONSTRAINT webhook_events_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    position bigint GENERATED ALWAYS AS IDENTITY,
    team_id uuid NOT NULL CONSTRAINT webhook_events_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    webhook_id uuid NOT NULL CONSTRAINT webhook_events_webhook_id_fkey REFERENCES webhooks ON DELETE CASCADE,
    event_type text NOT NULL,
    -- No foreign key: the event outlives a deleted video.
    video_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    is_test boolean NOT NULL DEFAULT false,
    attempt_count integer NOT NULL DEFAULT 0,
    responses jsonb NOT NULL DEFAULT '[]',
    -- Null until decided.
    successful boolean,
    next_attempt_at timestamptz,
    lease_token uuid,
    lease_expires_at timestamptz,
    CONSTRAINT webhook_events_decision_check CHECK ((successful IS NULL) = (next_attempt_at IS NOT NULL)),
    CONSTRAINT webhook_events_lease_check CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL))
);
CREATE INDEX webhook_events_due_idx ON webhook_events (next_attempt_at, position) WHERE successful IS NULL;
CREATE INDEX webhook_events_team_id_created_at_idx ON webhook_events (team_id, created_at, id);
CREATE INDEX webhook_events_team_id_occurred_at_idx ON webhook_events (team_id, occurred_at);
CREATE INDEX webhook_events_webhook_id_idx ON webhook_events (webhook_id);
CREATE INDEX webhook_events_test_idx ON webhook_events (created_at) WHERE is_test;

CREATE TABLE webhook_signing_keys (
    id uuid CONSTRAINT webhook_signing_keys_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Base64 of the SubjectPublicKeyInfo.
    public_key text NOT NULL,
    -- Encrypted under the master key.
    sealed_private_key bytea NOT NULL,
    -- A key is published before anything is signed with it.
    signs_from timestamptz NOT NULL,
    -- Null for the newest key, the only one that does not expire.
    expires_at timestamptz
);
CREATE UNIQUE INDEX webhook_signing_keys_active_key ON webhook_signing_keys ((true)) WHERE expires_at IS NULL;
