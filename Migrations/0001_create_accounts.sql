-- Who uses the product, and what they call with. Locks nothing: all tables are new.

CREATE TABLE users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    email text NOT NULL CONSTRAINT users_email_check CHECK (length(email) BETWEEN 3 AND 320 AND email LIKE '%_@_%'),
    name text NOT NULL,
    password_hash text NOT NULL,
    has_confirmed_email boolean NOT NULL DEFAULT true,
    is_disabled boolean NOT NULL DEFAULT false,
    failed_sign_ins integer NOT NULL DEFAULT 0 CONSTRAINT users_failed_sign_ins_check CHECK (failed_sign_ins >= 0),
    locked_until timestamptz
);
-- One account an address, however it is capitalised.
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE teams (
    id uuid CONSTRAINT teams_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL CONSTRAINT teams_name_check CHECK (length(name) BETWEEN 1 AND 47),
    api_enabled boolean NOT NULL
);

CREATE TABLE memberships (
    user_id uuid NOT NULL CONSTRAINT memberships_user_id_fkey REFERENCES users ON DELETE CASCADE,
    team_id uuid NOT NULL CONSTRAINT memberships_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memberships_pkey PRIMARY KEY (user_id, team_id)
);
CREATE INDEX memberships_team_id_idx ON memberships (team_id);

CREATE TABLE projects (
    id uuid CONSTRAINT projects_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    team_id uuid NOT NULL CONSTRAINT projects_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT projects_name_check CHECK (length(name) BETWEEN 1 AND 47),
    is_sample boolean NOT NULL DEFAULT false,
    -- Lets a video name its project and its team together, so that the two always agree.
    CONSTRAINT projects_id_team_id_key UNIQUE (id, team_id)
);
CREATE INDEX projects_team_id_created_at_idx ON projects (team_id, created_at, id);

CREATE TABLE api_keys (
    id uuid CONSTRAINT api_keys_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    user_id uuid NOT NULL CONSTRAINT api_keys_user_id_fkey REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    -- SHA-256 of the key, which itself is shown once and never stored.
    hash bytea NOT NULL CONSTRAINT api_keys_hash_check CHECK (length(hash) = 32),
    hidden text NOT NULL,
    is_active boolean NOT NULL,
    last_used_at timestamptz,
    deletion_eligible_at timestamptz,
    CONSTRAINT api_keys_hash_key UNIQUE (hash)
);
CREATE INDEX api_keys_user_id_created_at_idx ON api_keys (user_id, created_at, id);

CREATE TABLE processing_configurations (
    id uuid CONSTRAINT processing_configurations_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Null for the built-in ones, which everyone sees.
    team_id uuid CONSTRAINT processing_configurations_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT processing_configurations_name_check CHECK (length(name) BETWEEN 1 AND 47),
    description text,
    options jsonb NOT NULL,
    is_builtin boolean NOT NULL DEFAULT false,
    CONSTRAINT processing_configurations_owner_check CHECK (is_builtin = (team_id IS NULL))
);
CREATE INDEX processing_configurations_team_id_created_at_idx ON processing_configurations (team_id, created_at, id);
