-- Settings of the installation, answers kept for repeated requests, and objects to be removed from storage. Locks
-- nothing: all tables are new.

CREATE TABLE server_settings (
    name text CONSTRAINT server_settings_pkey PRIMARY KEY,
    value bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL CONSTRAINT idempotency_keys_user_id_fkey REFERENCES users ON DELETE CASCADE,
    key text NOT NULL CONSTRAINT idempotency_keys_key_check CHECK (length(key) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- SHA-256 of method, path and body of the first request.
    fingerprint bytea NOT NULL,
    -- Null while the first request is under way.
    status integer,
    body bytea,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_answer_check CHECK ((status IS NULL) = (body IS NULL))
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

CREATE TABLE garbage (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT garbage_pkey PRIMARY KEY,
    -- Every object whose key is this or lies below it.
    prefix text NOT NULL,
    not_before timestamptz NOT NULL
);
CREATE INDEX garbage_not_before_idx ON garbage (not_before);
