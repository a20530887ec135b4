-- Places in S3 that teams store, exports to such places, and uploads to be dropped there. Locks imports, jobs and segments
-- against everything while their columns, checks and indexes change; none of them needs to be read or written for it but
-- for the checks, which read what is in work and a week's history.

CREATE TABLE s3_locations (
    id uuid CONSTRAINT s3_locations_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    team_id uuid NOT NULL CONSTRAINT s3_locations_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    direction text NOT NULL CONSTRAINT s3_locations_direction_check CHECK (direction IN ('input', 'output')),
    name text NOT NULL CONSTRAINT s3_locations_name_check CHECK (length(name) BETWEEN 1 AND 255),
    bucket text NOT NULL CONSTRAINT s3_locations_bucket_check CHECK (length(bucket) BETWEEN 3 AND 63),
    -- Both keys, encrypted under the master key.
    sealed_credentials bytea NOT NULL
);
CREATE INDEX s3_locations_team_id_created_at_idx ON s3_locations (team_id, direction, created_at, id);

-- Where the keys of an import came from: a restart takes those that are stored there now.
ALTER TABLE imports ADD COLUMN location_id uuid CONSTRAINT imports_location_id_fkey REFERENCES s3_locations ON DELETE SET NULL;
CREATE INDEX imports_location_id_idx ON imports (location_id) WHERE location_id IS NOT NULL;

-- The export of a video that is under way or has failed. It goes when the export is done or abandoned, and its keys with it.
CREATE TABLE exports (
    video_id uuid CONSTRAINT exports_pkey PRIMARY KEY CONSTRAINT exports_video_id_fkey REFERENCES videos ON DELETE CASCADE,
    -- Kept with the object, so that it is known again.
    id uuid NOT NULL,
    bucket text NOT NULL,
    object_key text NOT NULL CONSTRAINT exports_object_key_check CHECK (octet_length(object_key) BETWEEN 1 AND 1024),
    location_id uuid CONSTRAINT exports_location_id_fkey REFERENCES s3_locations ON DELETE SET NULL,
    sealed_credentials bytea NOT NULL,
    part_bytes bigint NOT NULL CONSTRAINT exports_part_bytes_check CHECK (part_bytes > 0),
    -- Null until the upload has begun.
    upload_id text
);
CREATE INDEX exports_location_id_idx ON exports (location_id) WHERE location_id IS NOT NULL;

-- Parts of an export that the bucket has taken.
CREATE TABLE export_parts (
    video_id uuid NOT NULL CONSTRAINT export_parts_video_id_fkey REFERENCES exports ON DELETE CASCADE,
    number integer NOT NULL CONSTRAINT export_parts_number_check CHECK (number BETWEEN 1 AND 10000),
    entity_tag text NOT NULL,
    CONSTRAINT export_parts_pkey PRIMARY KEY (video_id, number)
);

-- Uploads whose parts would lie in somebody's bucket for ever. They outlive video and team.
CREATE TABLE abandoned_uploads (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT abandoned_uploads_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    not_before timestamptz NOT NULL DEFAULT now(),
    bucket text NOT NULL,
    object_key text NOT NULL,
    upload_id text NOT NULL,
    sealed_credentials bytea NOT NULL
);
CREATE INDEX abandoned_uploads_not_before_idx ON abandoned_uploads (not_before);

-- A video is made by one job at a time, and exported by one beside it.
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check,
    ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('import', 'ingest', 'transcode', 'export'));
DROP INDEX jobs_video_id_active_key;
CREATE UNIQUE INDEX jobs_video_id_active_key ON jobs (video_id) WHERE state = 'active' AND kind <> 'export';
CREATE UNIQUE INDEX jobs_video_id_active_export_key ON jobs (video_id) WHERE state = 'active' AND kind = 'export';
ALTER TABLE segments DROP CONSTRAINT segments_kind_check,
    ADD CONSTRAINT segments_kind_check CHECK (kind IN ('import', 'ingest', 'analyse', 'encode', 'assemble', 'export'));
