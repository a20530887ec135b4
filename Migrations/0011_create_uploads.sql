-- Uploads under way: files that clients send themselves, in pieces. The bytes are in storage; how many there are the file
-- itself says. Locks nothing: the table is new.

CREATE TABLE uploads (
    -- Also the id of the video to be.
    id uuid CONSTRAINT uploads_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the last piece came.
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    team_id uuid NOT NULL CONSTRAINT uploads_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    user_id uuid NOT NULL CONSTRAINT uploads_user_id_fkey REFERENCES users ON DELETE CASCADE,
    project_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT uploads_name_check CHECK (length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT uploads_description_check CHECK (length(description) <= 511),
    full_ingestion boolean NOT NULL,
    file_name text NOT NULL CONSTRAINT uploads_file_name_check CHECK (length(file_name) BETWEEN 1 AND 255),
    file_size bigint NOT NULL CONSTRAINT uploads_file_size_check CHECK (file_size >= 1),
    -- What the client says the whole file has; null for nothing said.
    crc32c bigint CONSTRAINT uploads_crc32c_check CHECK (crc32c BETWEEN 0 AND 4294967295),
    CONSTRAINT uploads_project_id_team_id_fkey FOREIGN KEY (project_id, team_id) REFERENCES projects (id, team_id) ON DELETE CASCADE
);
CREATE INDEX uploads_updated_at_idx ON uploads (updated_at);
CREATE INDEX uploads_team_id_idx ON uploads (team_id);
CREATE INDEX uploads_project_id_idx ON uploads (project_id, team_id);
CREATE INDEX uploads_user_id_idx ON uploads (user_id);
