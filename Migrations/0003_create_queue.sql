-- The queue: jobs, and the segments that workers lease. Locks nothing: all tables are new.

CREATE TABLE jobs (
    id uuid CONSTRAINT jobs_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    team_id uuid NOT NULL CONSTRAINT jobs_team_id_fkey REFERENCES teams,
    -- The video that the job brings into being or describes.
    video_id uuid NOT NULL CONSTRAINT jobs_video_id_fkey REFERENCES videos ON DELETE CASCADE,
    source_id uuid CONSTRAINT jobs_source_id_fkey REFERENCES videos ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT jobs_kind_check CHECK (kind IN ('import', 'ingest', 'transcode')),
    state text NOT NULL DEFAULT 'active' CONSTRAINT jobs_state_check CHECK (state IN ('active', 'succeeded', 'cancelled', 'dead')),
    priority integer NOT NULL DEFAULT 0,
    plan jsonb NOT NULL,
    report jsonb,
    failure jsonb,
    started_at timestamptz,
    ended_at timestamptz,
    idempotency_key text,
    CONSTRAINT jobs_end_check CHECK ((state = 'active') = (ended_at IS NULL))
);
-- A video is made by one job at a time.
CREATE UNIQUE INDEX jobs_video_id_active_key ON jobs (video_id) WHERE state = 'active';
CREATE UNIQUE INDEX jobs_team_id_idempotency_key ON jobs (team_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX jobs_video_id_created_at_idx ON jobs (video_id, created_at);
CREATE INDEX jobs_source_id_idx ON jobs (source_id);
CREATE INDEX jobs_ended_at_idx ON jobs (ended_at) WHERE state <> 'active';

CREATE TABLE segments (
    id uuid CONSTRAINT segments_pkey PRIMARY KEY,
    -- Order of arrival: older jobs are finished first.
    position bigint GENERATED ALWAYS AS IDENTITY,
    job_id uuid NOT NULL CONSTRAINT segments_job_id_fkey REFERENCES jobs ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT segments_kind_check CHECK (kind IN ('import', 'ingest', 'analyse', 'encode', 'assemble')),
    -- A segment waits until every segment of lower stages of its job has succeeded.
    stage smallint NOT NULL CONSTRAINT segments_stage_check CHECK (stage >= 0),
    ordinal integer NOT NULL CONSTRAINT segments_ordinal_check CHECK (ordinal >= 0),
    first_frame bigint,
    end_frame bigint,
    state text NOT NULL
        CONSTRAINT segments_state_check CHECK (state IN ('waiting', 'available', 'leased', 'succeeded', 'cancelled', 'dead')),
    priority integer NOT NULL,
    -- Share of the job's progress, and how much of it is done; frames or bytes.
    weight bigint NOT NULL CONSTRAINT segments_weight_check CHECK (weight >= 0),
    done bigint NOT NULL DEFAULT 0 CONSTRAINT segments_done_check CHECK (done >= 0),
    attempt integer NOT NULL DEFAULT 0,
    -- Leases that ended with their worker.
    crashes integer NOT NULL DEFAULT 0,
    maximum_attempts integer NOT NULL CONSTRAINT segments_maximum_attempts_check CHECK (maximum_attempts >= 1),
    not_before timestamptz NOT NULL DEFAULT now(),
    lease_token uuid,
    lease_holder uuid,
    lease_expires_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    checkpoint jsonb,
    result jsonb,
    object_key text,
    crc32c bigint,
    last_error jsonb,
    CONSTRAINT segments_place_key UNIQUE (job_id, stage, ordinal),
    CONSTRAINT segments_frames_check CHECK (
        (first_frame IS NULL) = (end_frame IS NULL) AND first_frame >= 0 AND end_frame >= first_frame),
    CONSTRAINT segments_lease_check CHECK (
        (state = 'leased') = (lease_token IS NOT NULL) AND (state = 'leased') = (lease_holder IS NOT NULL)
        AND (state = 'leased') = (lease_expires_at IS NOT NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);
CREATE INDEX segments_available_idx ON segments (priority DESC, position) WHERE state = 'available';
CREATE INDEX segments_leased_idx ON segments (lease_expires_at) WHERE state = 'leased';
