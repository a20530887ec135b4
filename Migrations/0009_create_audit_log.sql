-- Who changed what, and when. Locks nothing: the table is new.

CREATE TABLE audit_log (
    id uuid CONSTRAINT audit_log_pkey PRIMARY KEY,
    -- When the change was about to be made, and when it was done.
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Null for a change that concerns the user alone, such as of API keys.
    team_id uuid CONSTRAINT audit_log_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    actor text NOT NULL CONSTRAINT audit_log_actor_check CHECK (actor IN ('USER', 'OPERATOR', 'SYSTEM')),
    -- Neither refers to a row: the log outlives users and keys. For another actor, the user the change concerns.
    user_id uuid,
    api_key_id uuid,
    -- Null for what no request has asked for.
    request_id uuid,
    remote_address text,
    -- Method and route, or the operator's command.
    operation text NOT NULL,
    path text,
    -- What was changed or made, as far as it is known by its id.
    subjects uuid[] NOT NULL DEFAULT '{}',
    -- Of the answer; null while the change is under way, and for what no request has asked for.
    status integer
);
CREATE INDEX audit_log_team_id_created_at_idx ON audit_log (team_id, created_at, id);
CREATE INDEX audit_log_user_id_created_at_idx ON audit_log (user_id, created_at, id) WHERE team_id IS NULL;
CREATE INDEX audit_log_created_at_idx ON audit_log (created_at);
