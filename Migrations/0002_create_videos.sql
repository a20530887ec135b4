-- Videos with the four state machines the API shows of each. Locks nothing: all tables are new.

CREATE TABLE videos (
    id uuid CONSTRAINT videos_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    team_id uuid NOT NULL CONSTRAINT videos_team_id_fkey REFERENCES teams,
    user_id uuid NOT NULL CONSTRAINT videos_user_id_fkey REFERENCES users,
    project_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT videos_kind_check CHECK (kind IN ('master', 'processed', 'clip')),
    name text NOT NULL CONSTRAINT videos_name_check CHECK (length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT videos_description_check CHECK (length(description) <= 511),
    -- The imported video everything comes from; a master names itself.
    master_id uuid NOT NULL CONSTRAINT videos_master_id_fkey REFERENCES videos DEFERRABLE INITIALLY DEFERRED,
    -- What a processed video or a clip was made from.
    source_id uuid CONSTRAINT videos_source_id_fkey REFERENCES videos DEFERRABLE INITIALLY DEFERRED,
    -- The clip that a clip was made from, or itself for one cut from a master.
    clip_id uuid CONSTRAINT videos_clip_id_fkey REFERENCES videos DEFERRABLE INITIALLY DEFERRED,
    is_sample boolean NOT NULL DEFAULT false,
    full_ingestion boolean NOT NULL DEFAULT false,

    upload_status text,
    upload_progress smallint NOT NULL DEFAULT 0,
    upload_updated_at timestamptz,
    upload_error jsonb,

    ingestion_status text,
    ingestion_progress smallint NOT NULL DEFAULT 0,
    ingestion_updated_at timestamptz,
    metadata jsonb,
    quality jsonb,
    has_thumbnails boolean NOT NULL DEFAULT false,
    has_web_video boolean NOT NULL DEFAULT false,
    has_full_frames boolean NOT NULL DEFAULT false,

    processing_status text,
    processing_progress smallint NOT NULL DEFAULT 0,
    processing_updated_at timestamptz,
    processing_error jsonb,
    start_ms bigint,
    end_ms bigint,
    options jsonb,
    appraisal jsonb,

    output_status text,
    output_progress smallint NOT NULL DEFAULT 0,
    output_updated_at timestamptz,
    output_error text,

    file_name text,
    file_size bigint CONSTRAINT videos_file_size_check CHECK (file_size >= 0),
    file_type text,
    file_container text,
    file_crc32c bigint CONSTRAINT videos_file_crc32c_check CHECK (file_crc32c BETWEEN 0 AND 4294967295),
    file_key text,
    file_modified_at timestamptz,

    CONSTRAINT videos_project_id_team_id_fkey FOREIGN KEY (project_id, team_id) REFERENCES projects (id, team_id),
    CONSTRAINT videos_upload_status_check CHECK (upload_status IN ('INITIAL', 'IN_PROGRESS', 'DONE', 'FAILED')),
    CONSTRAINT videos_ingestion_status_check CHECK (ingestion_status IN ('INITIAL', 'IN_PROGRESS', 'DONE', 'FAILED')),
    CONSTRAINT videos_processing_status_check CHECK (processing_status IN ('INITIAL', 'IN_PROGRESS', 'DONE', 'FAILED')),
    CONSTRAINT videos_output_status_check CHECK (output_status IN ('INITIAL', 'IN_PROGRESS', 'DONE', 'FAILED')),
    CONSTRAINT videos_progress_check CHECK (
        upload_progress BETWEEN 0 AND 100 AND ingestion_progress BETWEEN 0 AND 100
        AND processing_progress BETWEEN 0 AND 100 AND output_progress BETWEEN 0 AND 100),
    CONSTRAINT videos_master_check CHECK ((kind = 'master') = (master_id = id)),
    CONSTRAINT videos_origin_check CHECK ((kind = 'master') = (source_id IS NULL)),
    CONSTRAINT videos_clip_check CHECK ((kind = 'clip') = (clip_id IS NOT NULL)),
    CONSTRAINT videos_import_check CHECK ((kind = 'master') = (upload_status IS NOT NULL)),
    CONSTRAINT videos_range_check CHECK (start_ms >= 0 AND end_ms > start_ms)
);
CREATE INDEX videos_team_id_created_at_idx ON videos (team_id, created_at, id);
CREATE INDEX videos_team_id_updated_at_idx ON videos (team_id, updated_at, id);
CREATE INDEX videos_project_id_created_at_idx ON videos (project_id, created_at, id);
CREATE INDEX videos_master_id_idx ON videos (master_id);
CREATE INDEX videos_source_id_idx ON videos (source_id);
CREATE INDEX videos_clip_id_idx ON videos (clip_id);
CREATE INDEX videos_user_id_idx ON videos (user_id);

-- What an import needs to be begun again: the address with what may be secret in it sealed, and how far it came.
CREATE TABLE imports (
    video_id uuid CONSTRAINT imports_pkey PRIMARY KEY CONSTRAINT imports_video_id_fkey REFERENCES videos ON DELETE CASCADE,
    request jsonb NOT NULL,
    sealed_secret bytea,
    skip_checksum boolean NOT NULL DEFAULT false,
    checkpoint jsonb
);
