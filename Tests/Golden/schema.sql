TABLE abandoned_uploads
    id bigint NOT NULL IDENTITY
    created_at timestamp with time zone NOT NULL DEFAULT now()
    not_before timestamp with time zone NOT NULL DEFAULT now()
    bucket text NOT NULL
    object_key text NOT NULL
    upload_id text NOT NULL
    sealed_credentials bytea NOT NULL
    CONSTRAINT abandoned_uploads_pkey PRIMARY KEY (id)
    CREATE INDEX abandoned_uploads_not_before_idx ON public.abandoned_uploads USING btree (not_before)
TABLE api_keys
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    user_id uuid NOT NULL
    name text NOT NULL
    description text
    hash bytea NOT NULL
    hidden text NOT NULL
    is_active boolean NOT NULL
    last_used_at timestamp with time zone
    deletion_eligible_at timestamp with time zone
    CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 32))
    CONSTRAINT api_keys_hash_key UNIQUE (hash)
    CONSTRAINT api_keys_pkey PRIMARY KEY (id)
    CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
    CREATE INDEX api_keys_user_id_created_at_idx ON public.api_keys USING btree (user_id, created_at, id)
TABLE appraisals
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    expires_at timestamp with time zone NOT NULL
    team_id uuid NOT NULL
    source_id uuid NOT NULL
    video_id uuid NOT NULL
    accepted_at timestamp with time zone
    kind text NOT NULL
    name text NOT NULL
    start_ms bigint
    end_ms bigint
    options jsonb NOT NULL
    appraisal jsonb NOT NULL
    plan jsonb NOT NULL
    segments jsonb NOT NULL
    billing_type text NOT NULL
    amount bigint NOT NULL
    credits bigint NOT NULL
    volume bigint NOT NULL
    discount_tenths integer NOT NULL
    products jsonb NOT NULL
    shares jsonb NOT NULL
    CONSTRAINT appraisals_billing_type_check CHECK ((billing_type = ANY (ARRAY['STRIPE'::text, 'AWS_MARKETPLACE'::text])))
    CONSTRAINT appraisals_pkey PRIMARY KEY (id)
    CONSTRAINT appraisals_source_id_fkey FOREIGN KEY (source_id) REFERENCES videos(id) ON DELETE CASCADE
    CONSTRAINT appraisals_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT appraisals_video_id_key UNIQUE (video_id)
    CREATE INDEX appraisals_expires_at_idx ON public.appraisals USING btree (expires_at)
    CREATE INDEX appraisals_source_id_idx ON public.appraisals USING btree (source_id)
TABLE audit_log
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid
    actor text NOT NULL
    user_id uuid
    api_key_id uuid
    request_id uuid
    remote_address text
    operation text NOT NULL
    path text
    subjects uuid[] NOT NULL DEFAULT '{}'::uuid[]
    status integer
    CONSTRAINT audit_log_actor_check CHECK ((actor = ANY (ARRAY['USER'::text, 'OPERATOR'::text, 'SYSTEM'::text])))
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
    CONSTRAINT audit_log_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX audit_log_created_at_idx ON public.audit_log USING btree (created_at)
    CREATE INDEX audit_log_team_id_created_at_idx ON public.audit_log USING btree (team_id, created_at, id)
    CREATE INDEX audit_log_user_id_created_at_idx ON public.audit_log USING btree (user_id, created_at, id) WHERE (team_id IS NULL)
TABLE billing_accounts
    team_id uuid NOT NULL
    processing_balance bigint NOT NULL DEFAULT 0
    utilities_balance bigint NOT NULL DEFAULT 0
    processing_spend bigint NOT NULL DEFAULT 0
    CONSTRAINT billing_accounts_pkey PRIMARY KEY (team_id)
    CONSTRAINT billing_accounts_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
TABLE billing_periods
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    team_id uuid NOT NULL
    ended_at timestamp with time zone
    storage_byte_seconds numeric NOT NULL DEFAULT 0
    storage_measured_at timestamp with time zone NOT NULL
    storage_cost bigint
    download_cost bigint NOT NULL DEFAULT 0
    CONSTRAINT billing_periods_pkey PRIMARY KEY (id)
    CONSTRAINT billing_periods_range_check CHECK ((ended_at > created_at))
    CONSTRAINT billing_periods_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX billing_periods_team_id_created_at_idx ON public.billing_periods USING btree (team_id, created_at, id)
    CREATE UNIQUE INDEX billing_periods_team_id_open_key ON public.billing_periods USING btree (team_id) WHERE (ended_at IS NULL)
    CREATE INDEX billing_periods_unbooked_idx ON public.billing_periods USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND (storage_cost IS NULL))
TABLE charges
    job_id uuid NOT NULL
    team_id uuid NOT NULL
    billing_type text NOT NULL
    amount bigint NOT NULL
    credits bigint NOT NULL
    volume bigint NOT NULL
    discount_tenths integer NOT NULL
    products jsonb NOT NULL
    shares jsonb NOT NULL
    CONSTRAINT charges_amount_check CHECK ((amount >= 0))
    CONSTRAINT charges_billing_type_check CHECK ((billing_type = ANY (ARRAY['STRIPE'::text, 'AWS_MARKETPLACE'::text])))
    CONSTRAINT charges_credits_check CHECK ((credits >= 0))
    CONSTRAINT charges_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
    CONSTRAINT charges_pkey PRIMARY KEY (job_id)
    CONSTRAINT charges_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT charges_volume_check CHECK ((volume >= 0))
    CREATE INDEX charges_team_id_idx ON public.charges USING btree (team_id)
TABLE event_numbering
    is_only boolean NOT NULL DEFAULT true
    cluster text NOT NULL
    restored_at timestamp with time zone
    CONSTRAINT event_numbering_is_only_check CHECK (is_only)
    CONSTRAINT event_numbering_pkey PRIMARY KEY (is_only)
TABLE export_parts
    video_id uuid NOT NULL
    number integer NOT NULL
    entity_tag text NOT NULL
    CONSTRAINT export_parts_number_check CHECK (((number >= 1) AND (number <= 10000)))
    CONSTRAINT export_parts_pkey PRIMARY KEY (video_id, number)
    CONSTRAINT export_parts_video_id_fkey FOREIGN KEY (video_id) REFERENCES exports(video_id) ON DELETE CASCADE
TABLE exports
    video_id uuid NOT NULL
    id uuid NOT NULL
    bucket text NOT NULL
    object_key text NOT NULL
    location_id uuid
    sealed_credentials bytea NOT NULL
    part_bytes bigint NOT NULL
    upload_id text
    CONSTRAINT exports_location_id_fkey FOREIGN KEY (location_id) REFERENCES s3_locations(id) ON DELETE SET NULL
    CONSTRAINT exports_object_key_check CHECK (((octet_length(object_key) >= 1) AND (octet_length(object_key) <= 1024)))
    CONSTRAINT exports_part_bytes_check CHECK ((part_bytes > 0))
    CONSTRAINT exports_pkey PRIMARY KEY (video_id)
    CONSTRAINT exports_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
    CREATE INDEX exports_location_id_idx ON public.exports USING btree (location_id) WHERE (location_id IS NOT NULL)
TABLE garbage
    id bigint NOT NULL IDENTITY
    prefix text NOT NULL
    not_before timestamp with time zone NOT NULL
    CONSTRAINT garbage_pkey PRIMARY KEY (id)
    CREATE INDEX garbage_not_before_idx ON public.garbage USING btree (not_before)
TABLE idempotency_keys
    user_id uuid NOT NULL
    key text NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT now()
    fingerprint bytea NOT NULL
    status integer
    body bytea
    token uuid NOT NULL
    holder bigint
    changed_at timestamp with time zone
    subjects uuid[] NOT NULL DEFAULT '{}'::uuid[]
    location text
    CONSTRAINT idempotency_keys_answer_check CHECK (((status IS NULL) = (body IS NULL)))
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key)
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
    CREATE INDEX idempotency_keys_created_at_idx ON public.idempotency_keys USING btree (created_at)
TABLE imports
    video_id uuid NOT NULL
    request jsonb NOT NULL
    sealed_secret bytea
    skip_checksum boolean NOT NULL DEFAULT false
    checkpoint jsonb
    location_id uuid
    CONSTRAINT imports_location_id_fkey FOREIGN KEY (location_id) REFERENCES s3_locations(id) ON DELETE SET NULL
    CONSTRAINT imports_pkey PRIMARY KEY (video_id)
    CONSTRAINT imports_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
    CREATE INDEX imports_location_id_idx ON public.imports USING btree (location_id) WHERE (location_id IS NOT NULL)
TABLE job_measurements
    job_id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    device text NOT NULL
    seconds double precision NOT NULL
    predicted_seconds double precision NOT NULL
    CONSTRAINT job_measurements_pkey PRIMARY KEY (job_id)
    CONSTRAINT job_measurements_predicted_seconds_check CHECK ((predicted_seconds > (0)::double precision))
    CONSTRAINT job_measurements_seconds_check CHECK ((seconds > (0)::double precision))
    CREATE INDEX job_measurements_created_at_idx ON public.job_measurements USING btree (created_at)
    CREATE INDEX job_measurements_device_created_at_idx ON public.job_measurements USING btree (device, created_at)
TABLE jobs
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    video_id uuid NOT NULL
    source_id uuid
    kind text NOT NULL
    state text NOT NULL DEFAULT 'active'::text
    priority integer NOT NULL DEFAULT 0
    plan jsonb NOT NULL
    report jsonb
    failure jsonb
    started_at timestamp with time zone
    ended_at timestamp with time zone
    idempotency_key text
    restarts integer NOT NULL DEFAULT 0
    CONSTRAINT jobs_end_check CHECK (((state = 'active'::text) = (ended_at IS NULL)))
    CONSTRAINT jobs_kind_check CHECK ((kind = ANY (ARRAY['import'::text, 'ingest'::text, 'transcode'::text, 'export'::text])))
    CONSTRAINT jobs_pkey PRIMARY KEY (id)
    CONSTRAINT jobs_source_id_fkey FOREIGN KEY (source_id) REFERENCES videos(id) ON DELETE CASCADE
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['active'::text, 'succeeded'::text, 'cancelled'::text, 'dead'::text])))
    CONSTRAINT jobs_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id)
    CONSTRAINT jobs_video_id_fkey FOREIGN KEY (video_id) REFERENCES videos(id) ON DELETE CASCADE
    CREATE INDEX jobs_active_idx ON public.jobs USING btree (team_id) INCLUDE (kind, id) WHERE (state = 'active'::text)
    CREATE INDEX jobs_ended_at_idx ON public.jobs USING btree (ended_at) WHERE (state <> 'active'::text)
    CREATE INDEX jobs_source_id_idx ON public.jobs USING btree (source_id)
    CREATE UNIQUE INDEX jobs_team_id_idempotency_key ON public.jobs USING btree (team_id, idempotency_key) WHERE (idempotency_key IS NOT NULL)
    CREATE UNIQUE INDEX jobs_video_id_active_export_key ON public.jobs USING btree (video_id) WHERE ((state = 'active'::text) AND (kind = 'export'::text))
    CREATE UNIQUE INDEX jobs_video_id_active_key ON public.jobs USING btree (video_id) WHERE ((state = 'active'::text) AND (kind <> 'export'::text))
    CREATE INDEX jobs_video_id_created_at_idx ON public.jobs USING btree (video_id, created_at)
TABLE marketplace_agreements
    agreement_id text NOT NULL
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    status text NOT NULL
    license_arn text NOT NULL
    offer_id text NOT NULL
    product_id text NOT NULL
    product_name text NOT NULL
    buyer_account_id text NOT NULL
    seller_account_id text NOT NULL
    accepted_at timestamp with time zone NOT NULL
    started_at timestamp with time zone NOT NULL
    linked_at timestamp with time zone NOT NULL
    effective_from timestamp with time zone NOT NULL
    cancellation_requested_at timestamp with time zone
    deprovisioned_at timestamp with time zone
    replaces_agreement_id text
    CONSTRAINT marketplace_agreements_agreement_id_check CHECK ((((length(agreement_id) >= 1) AND (length(agreement_id) <= 255)) AND (agreement_id <> 'current'::text)))
    CONSTRAINT marketplace_agreements_end_check CHECK (((status = 'UNSUBSCRIBED'::text) = (deprovisioned_at IS NOT NULL)))
    CONSTRAINT marketplace_agreements_id_key UNIQUE (id)
    CONSTRAINT marketplace_agreements_pkey PRIMARY KEY (agreement_id)
    CONSTRAINT marketplace_agreements_status_check CHECK ((status = ANY (ARRAY['SUBSCRIBED'::text, 'UNSUBSCRIBE_PENDING'::text, 'UNSUBSCRIBED'::text])))
    CONSTRAINT marketplace_agreements_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE UNIQUE INDEX marketplace_agreements_team_id_alive_key ON public.marketplace_agreements USING btree (team_id) WHERE (status <> 'UNSUBSCRIBED'::text)
    CREATE INDEX marketplace_agreements_team_id_created_at_idx ON public.marketplace_agreements USING btree (team_id, created_at, id)
TABLE memberships
    user_id uuid NOT NULL
    team_id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT now()
    CONSTRAINT memberships_pkey PRIMARY KEY (user_id, team_id)
    CONSTRAINT memberships_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
    CREATE INDEX memberships_team_id_idx ON public.memberships USING btree (team_id)
TABLE processing_configurations
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid
    name text NOT NULL
    description text
    options jsonb NOT NULL
    is_builtin boolean NOT NULL DEFAULT false
    CONSTRAINT processing_configurations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 47)))
    CONSTRAINT processing_configurations_owner_check CHECK ((is_builtin = (team_id IS NULL)))
    CONSTRAINT processing_configurations_pkey PRIMARY KEY (id)
    CONSTRAINT processing_configurations_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX processing_configurations_team_id_created_at_idx ON public.processing_configurations USING btree (team_id, created_at, id)
TABLE product_measurements
    job_id uuid NOT NULL
    product text NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    device text NOT NULL
    volume bigint NOT NULL
    seconds double precision NOT NULL
    CONSTRAINT product_measurements_job_id_fkey FOREIGN KEY (job_id) REFERENCES job_measurements(job_id) ON DELETE CASCADE
    CONSTRAINT product_measurements_pkey PRIMARY KEY (job_id, product)
    CONSTRAINT product_measurements_volume_check CHECK ((volume > 0))
    CREATE INDEX product_measurements_device_product_created_at_idx ON public.product_measurements USING btree (device, product, created_at)
TABLE projects
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    name text NOT NULL
    is_sample boolean NOT NULL DEFAULT false
    CONSTRAINT projects_id_team_id_key UNIQUE (id, team_id)
    CONSTRAINT projects_name_check CHECK (((length(name) >= 1) AND (length(name) <= 47)))
    CONSTRAINT projects_pkey PRIMARY KEY (id)
    CONSTRAINT projects_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX projects_team_id_created_at_idx ON public.projects USING btree (team_id, created_at, id)
TABLE s3_locations
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    direction text NOT NULL
    name text NOT NULL
    bucket text NOT NULL
    sealed_credentials bytea NOT NULL
    CONSTRAINT s3_locations_bucket_check CHECK (((length(bucket) >= 3) AND (length(bucket) <= 63)))
    CONSTRAINT s3_locations_direction_check CHECK ((direction = ANY (ARRAY['input'::text, 'output'::text])))
    CONSTRAINT s3_locations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)))
    CONSTRAINT s3_locations_pkey PRIMARY KEY (id)
    CONSTRAINT s3_locations_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX s3_locations_team_id_created_at_idx ON public.s3_locations USING btree (team_id, direction, created_at, id)
TABLE schema_migrations
    number integer NOT NULL
    name text NOT NULL
    checksum bigint NOT NULL
    applied_at timestamp with time zone NOT NULL DEFAULT now()
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (number)
TABLE segments
    id uuid NOT NULL
    position bigint NOT NULL IDENTITY
    job_id uuid NOT NULL
    kind text NOT NULL
    stage smallint NOT NULL
    ordinal integer NOT NULL
    first_frame bigint
    end_frame bigint
    state text NOT NULL
    priority integer NOT NULL
    weight bigint NOT NULL
    done bigint NOT NULL DEFAULT 0
    attempt integer NOT NULL DEFAULT 0
    crashes integer NOT NULL DEFAULT 0
    maximum_attempts integer NOT NULL
    not_before timestamp with time zone NOT NULL DEFAULT now()
    lease_token uuid
    lease_holder uuid
    lease_expires_at timestamp with time zone
    started_at timestamp with time zone
    ended_at timestamp with time zone
    checkpoint jsonb
    result jsonb
    object_key text
    crc32c bigint
    last_error jsonb
    networks bigint[] NOT NULL DEFAULT '{}'::bigint[]
    credited bigint NOT NULL DEFAULT 0
    CONSTRAINT segments_done_check CHECK ((done >= 0))
    CONSTRAINT segments_frames_check CHECK ((((first_frame IS NULL) = (end_frame IS NULL)) AND (first_frame >= 0) AND (end_frame >= first_frame)))
    CONSTRAINT segments_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
    CONSTRAINT segments_kind_check CHECK ((kind = ANY (ARRAY['import'::text, 'ingest'::text, 'analyse'::text, 'encode'::text, 'assemble'::text, 'export'::text])))
    CONSTRAINT segments_lease_check CHECK ((((state = 'leased'::text) = (lease_token IS NOT NULL)) AND ((state = 'leased'::text) = (lease_holder IS NOT NULL)) AND ((state = 'leased'::text) = (lease_expires_at IS NOT NULL))))
    CONSTRAINT segments_maximum_attempts_check CHECK ((maximum_attempts >= 1))
    CONSTRAINT segments_ordinal_check CHECK ((ordinal >= 0))
    CONSTRAINT segments_pkey PRIMARY KEY (id)
    CONSTRAINT segments_place_key UNIQUE (job_id, stage, ordinal)
    CONSTRAINT segments_stage_check CHECK ((stage >= 0))
    CONSTRAINT segments_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'available'::text, 'leased'::text, 'succeeded'::text, 'cancelled'::text, 'dead'::text])))
    CONSTRAINT segments_weight_check CHECK ((weight >= 0))
    CREATE INDEX segments_leased_idx ON public.segments USING btree (lease_expires_at) WHERE (state = 'leased'::text)
    CREATE INDEX segments_processing_idx ON public.segments USING btree (priority DESC, "position") WHERE ((state = 'available'::text) AND (kind <> ALL (ARRAY['import'::text, 'export'::text])))
    CREATE INDEX segments_transfers_idx ON public.segments USING btree (priority DESC, "position") WHERE ((state = 'available'::text) AND (kind = ANY (ARRAY['import'::text, 'export'::text])))
    CREATE INDEX segments_unfinished_idx ON public.segments USING btree (job_id, stage) WHERE (state <> 'succeeded'::text)
TABLE server_settings
    name text NOT NULL
    value bytea NOT NULL
    updated_at timestamp with time zone NOT NULL DEFAULT now()
    CONSTRAINT server_settings_pkey PRIMARY KEY (name)
TABLE team_events
    id uuid NOT NULL
    team_id uuid NOT NULL
    event_type text NOT NULL
    video_id uuid NOT NULL
    occurred_at timestamp with time zone NOT NULL
    transaction bigint NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint
    position bigint NOT NULL IDENTITY
    CONSTRAINT team_events_pkey PRIMARY KEY (id)
    CONSTRAINT team_events_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX team_events_occurred_at_idx ON public.team_events USING btree (occurred_at)
    CREATE INDEX team_events_order_idx ON public.team_events USING btree (team_id, transaction, "position")
TABLE teams
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    name text NOT NULL
    api_enabled boolean NOT NULL
    billing_type text NOT NULL DEFAULT 'STRIPE'::text
    billing_changed_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone
    free_clips boolean NOT NULL DEFAULT true
    CONSTRAINT teams_billing_type_check CHECK ((billing_type = ANY (ARRAY['STRIPE'::text, 'AWS_MARKETPLACE'::text])))
    CONSTRAINT teams_name_check CHECK (((length(name) >= 1) AND (length(name) <= 47)))
    CONSTRAINT teams_pkey PRIMARY KEY (id)
TABLE transactions
    id uuid NOT NULL
    position bigint NOT NULL IDENTITY
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    period_id uuid NOT NULL
    billing_type text NOT NULL
    kind text NOT NULL
    category text NOT NULL
    amount bigint NOT NULL
    balance bigint NOT NULL
    credits bigint NOT NULL
    volume bigint NOT NULL DEFAULT 0
    video_id uuid
    source_id uuid
    products jsonb
    discount_tenths integer NOT NULL DEFAULT 0
    adjustment_type text
    adjustment_reason text
    reference text
    CONSTRAINT transactions_billing_type_check CHECK ((billing_type = ANY (ARRAY['STRIPE'::text, 'AWS_MARKETPLACE'::text])))
    CONSTRAINT transactions_category_check CHECK ((category = ANY (ARRAY['ENCODER'::text, 'FILTER'::text, 'PROCESSING'::text, 'STORAGE'::text, 'DOWNLOAD_S3'::text, 'DOWNLOAD_CLOUDFRONT'::text, 'OTHER'::text])))
    CONSTRAINT transactions_content_check CHECK (((products IS NULL) = (adjustment_type IS NOT NULL)))
    CONSTRAINT transactions_kind_check CHECK ((kind = ANY (ARRAY['PROCESSING'::text, 'UTILITIES'::text])))
    CONSTRAINT transactions_period_id_fkey FOREIGN KEY (period_id) REFERENCES billing_periods(id) ON DELETE CASCADE
    CONSTRAINT transactions_pkey PRIMARY KEY (id)
    CONSTRAINT transactions_position_key UNIQUE ("position")
    CONSTRAINT transactions_reference_key UNIQUE (reference)
    CONSTRAINT transactions_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CREATE INDEX transactions_period_id_position_idx ON public.transactions USING btree (period_id, "position")
    CREATE INDEX transactions_team_id_created_at_idx ON public.transactions USING btree (team_id, created_at)
    CREATE INDEX transactions_video_id_idx ON public.transactions USING btree (video_id) WHERE (video_id IS NOT NULL)
TABLE uploads
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    user_id uuid NOT NULL
    project_id uuid NOT NULL
    name text NOT NULL
    description text
    full_ingestion boolean NOT NULL
    file_name text NOT NULL
    file_size bigint NOT NULL
    crc32c bigint
    CONSTRAINT uploads_crc32c_check CHECK (((crc32c >= 0) AND (crc32c <= '4294967295'::bigint)))
    CONSTRAINT uploads_description_check CHECK ((length(description) <= 511))
    CONSTRAINT uploads_file_name_check CHECK (((length(file_name) >= 1) AND (length(file_name) <= 255)))
    CONSTRAINT uploads_file_size_check CHECK ((file_size >= 1))
    CONSTRAINT uploads_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)))
    CONSTRAINT uploads_pkey PRIMARY KEY (id)
    CONSTRAINT uploads_project_id_team_id_fkey FOREIGN KEY (project_id, team_id) REFERENCES projects(id, team_id) ON DELETE CASCADE
    CONSTRAINT uploads_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
    CREATE INDEX uploads_project_id_idx ON public.uploads USING btree (project_id, team_id)
    CREATE INDEX uploads_team_id_idx ON public.uploads USING btree (team_id)
    CREATE INDEX uploads_updated_at_idx ON public.uploads USING btree (updated_at)
    CREATE INDEX uploads_user_id_idx ON public.uploads USING btree (user_id)
TABLE users
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT now()
    updated_at timestamp with time zone NOT NULL DEFAULT now()
    email text NOT NULL
    name text NOT NULL
    password_hash text NOT NULL
    has_confirmed_email boolean NOT NULL DEFAULT true
    is_disabled boolean NOT NULL DEFAULT false
    failed_sign_ins integer NOT NULL DEFAULT 0
    locked_until timestamp with time zone
    CONSTRAINT users_email_check CHECK ((((length(email) >= 3) AND (length(email) <= 320)) AND (email ~~ '%_@_%'::text)))
    CONSTRAINT users_failed_sign_ins_check CHECK ((failed_sign_ins >= 0))
    CONSTRAINT users_pkey PRIMARY KEY (id)
    CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email))
TABLE video_list_parts
    list_id uuid NOT NULL
    sort text NOT NULL
    lower timestamp with time zone NOT NULL
    clips bigint NOT NULL
    others bigint NOT NULL
    CONSTRAINT video_list_parts_clips_check CHECK ((clips >= 0))
    CONSTRAINT video_list_parts_list_id_fkey FOREIGN KEY (list_id) REFERENCES video_lists(id) ON DELETE CASCADE
    CONSTRAINT video_list_parts_others_check CHECK ((others >= 0))
    CONSTRAINT video_list_parts_pkey PRIMARY KEY (list_id, sort, lower)
    CONSTRAINT video_list_parts_sort_check CHECK ((sort = ANY (ARRAY['created_at'::text, 'updated_at'::text])))
TABLE video_lists
    id uuid NOT NULL
    kind text NOT NULL
    clips bigint NOT NULL
    others bigint NOT NULL
    CONSTRAINT video_lists_clips_check CHECK ((clips >= 0))
    CONSTRAINT video_lists_kind_check CHECK ((kind = ANY (ARRAY['team'::text, 'project'::text, 'master'::text, 'clip'::text])))
    CONSTRAINT video_lists_others_check CHECK ((others >= 0))
    CONSTRAINT video_lists_pkey PRIMARY KEY (id)
TABLE videos
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    user_id uuid NOT NULL
    project_id uuid NOT NULL
    kind text NOT NULL
    name text NOT NULL
    description text
    master_id uuid NOT NULL
    source_id uuid
    clip_id uuid
    is_sample boolean NOT NULL DEFAULT false
    full_ingestion boolean NOT NULL DEFAULT false
    upload_status text
    upload_progress smallint NOT NULL DEFAULT 0
    upload_updated_at timestamp with time zone
    upload_error jsonb
    ingestion_status text
    ingestion_progress smallint NOT NULL DEFAULT 0
    ingestion_updated_at timestamp with time zone
    metadata jsonb
    quality jsonb
    has_thumbnails boolean NOT NULL DEFAULT false
    has_web_video boolean NOT NULL DEFAULT false
    has_full_frames boolean NOT NULL DEFAULT false
    processing_status text
    processing_progress smallint NOT NULL DEFAULT 0
    processing_updated_at timestamp with time zone
    processing_error jsonb
    start_ms bigint
    end_ms bigint
    options jsonb
    appraisal jsonb
    output_status text
    output_progress smallint NOT NULL DEFAULT 0
    output_updated_at timestamp with time zone
    output_error text
    file_name text
    file_size bigint
    file_type text
    file_container text
    file_crc32c bigint
    file_key text
    file_modified_at timestamp with time zone
    CONSTRAINT videos_clip_check CHECK (((kind = 'clip'::text) = (clip_id IS NOT NULL)))
    CONSTRAINT videos_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES videos(id) DEFERRABLE INITIALLY DEFERRED
    CONSTRAINT videos_description_check CHECK ((length(description) <= 511))
    CONSTRAINT videos_file_crc32c_check CHECK (((file_crc32c >= 0) AND (file_crc32c <= '4294967295'::bigint)))
    CONSTRAINT videos_file_size_check CHECK ((file_size >= 0))
    CONSTRAINT videos_import_check CHECK (((kind = 'master'::text) = (upload_status IS NOT NULL)))
    CONSTRAINT videos_ingestion_status_check CHECK ((ingestion_status = ANY (ARRAY['INITIAL'::text, 'IN_PROGRESS'::text, 'DONE'::text, 'FAILED'::text])))
    CONSTRAINT videos_kind_check CHECK ((kind = ANY (ARRAY['master'::text, 'processed'::text, 'clip'::text])))
    CONSTRAINT videos_master_check CHECK (((kind = 'master'::text) = (master_id = id)))
    CONSTRAINT videos_master_id_fkey FOREIGN KEY (master_id) REFERENCES videos(id) DEFERRABLE INITIALLY DEFERRED
    CONSTRAINT videos_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255)))
    CONSTRAINT videos_origin_check CHECK (((kind = 'master'::text) = (source_id IS NULL)))
    CONSTRAINT videos_output_status_check CHECK ((output_status = ANY (ARRAY['INITIAL'::text, 'IN_PROGRESS'::text, 'DONE'::text, 'FAILED'::text])))
    CONSTRAINT videos_pkey PRIMARY KEY (id)
    CONSTRAINT videos_processing_status_check CHECK ((processing_status = ANY (ARRAY['INITIAL'::text, 'IN_PROGRESS'::text, 'DONE'::text, 'FAILED'::text])))
    CONSTRAINT videos_progress_check CHECK ((((upload_progress >= 0) AND (upload_progress <= 100)) AND ((ingestion_progress >= 0) AND (ingestion_progress <= 100)) AND ((processing_progress >= 0) AND (processing_progress <= 100)) AND ((output_progress >= 0) AND (output_progress <= 100))))
    CONSTRAINT videos_project_id_team_id_fkey FOREIGN KEY (project_id, team_id) REFERENCES projects(id, team_id)
    CONSTRAINT videos_range_check CHECK (((start_ms >= 0) AND (end_ms > start_ms)))
    CONSTRAINT videos_source_id_fkey FOREIGN KEY (source_id) REFERENCES videos(id) DEFERRABLE INITIALLY DEFERRED
    CONSTRAINT videos_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id)
    CONSTRAINT videos_upload_status_check CHECK ((upload_status = ANY (ARRAY['INITIAL'::text, 'IN_PROGRESS'::text, 'DONE'::text, 'FAILED'::text])))
    CONSTRAINT videos_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
    CREATE INDEX videos_clip_id_created_at_idx ON public.videos USING btree (clip_id, created_at, id) WHERE (clip_id IS NOT NULL)
    CREATE INDEX videos_clip_id_updated_at_idx ON public.videos USING btree (clip_id, updated_at, id) WHERE (clip_id IS NOT NULL)
    CREATE INDEX videos_master_id_created_at_idx ON public.videos USING btree (master_id, created_at, id)
    CREATE INDEX videos_master_id_updated_at_idx ON public.videos USING btree (master_id, updated_at, id)
    CREATE INDEX videos_project_id_created_at_idx ON public.videos USING btree (project_id, created_at, id)
    CREATE INDEX videos_project_id_updated_at_idx ON public.videos USING btree (project_id, updated_at, id)
    CREATE INDEX videos_source_id_idx ON public.videos USING btree (source_id)
    CREATE INDEX videos_stored_idx ON public.videos USING btree (team_id) INCLUDE (file_size) WHERE (file_key IS NOT NULL)
    CREATE INDEX videos_team_id_created_at_idx ON public.videos USING btree (team_id, created_at, id)
    CREATE INDEX videos_team_id_updated_at_idx ON public.videos USING btree (team_id, updated_at, id)
    CREATE INDEX videos_user_id_idx ON public.videos USING btree (user_id)
TABLE webhook_events
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    position bigint NOT NULL IDENTITY
    team_id uuid NOT NULL
    webhook_id uuid NOT NULL
    event_type text NOT NULL
    video_id uuid NOT NULL
    occurred_at timestamp with time zone NOT NULL
    is_test boolean NOT NULL DEFAULT false
    attempt_count integer NOT NULL DEFAULT 0
    responses jsonb NOT NULL DEFAULT '[]'::jsonb
    successful boolean
    next_attempt_at timestamp with time zone
    lease_token uuid
    lease_expires_at timestamp with time zone
    replayed_at timestamp with time zone
    attempts_before_replay integer NOT NULL DEFAULT 0
    CONSTRAINT webhook_events_decision_check CHECK (((successful IS NULL) = (next_attempt_at IS NOT NULL)))
    CONSTRAINT webhook_events_lease_check CHECK (((lease_token IS NULL) = (lease_expires_at IS NULL)))
    CONSTRAINT webhook_events_pkey PRIMARY KEY (id)
    CONSTRAINT webhook_events_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT webhook_events_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
    CREATE INDEX webhook_events_dead_idx ON public.webhook_events USING btree (team_id, created_at, id) WHERE (successful IS FALSE)
    CREATE INDEX webhook_events_due_idx ON public.webhook_events USING btree (webhook_id, next_attempt_at, "position") WHERE (successful IS NULL)
    CREATE INDEX webhook_events_team_id_created_at_idx ON public.webhook_events USING btree (team_id, created_at, id)
    CREATE INDEX webhook_events_team_id_occurred_at_idx ON public.webhook_events USING btree (team_id, occurred_at)
    CREATE INDEX webhook_events_test_idx ON public.webhook_events USING btree (created_at) WHERE is_test
    CREATE INDEX webhook_events_webhook_id_idx ON public.webhook_events USING btree (webhook_id)
TABLE webhook_signing_keys
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    public_key text NOT NULL
    sealed_private_key bytea NOT NULL
    signs_from timestamp with time zone NOT NULL
    expires_at timestamp with time zone
    CONSTRAINT webhook_signing_keys_pkey PRIMARY KEY (id)
    CREATE UNIQUE INDEX webhook_signing_keys_active_key ON public.webhook_signing_keys USING btree ((true)) WHERE (expires_at IS NULL)
TABLE webhooks
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    updated_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
    team_id uuid NOT NULL
    name text NOT NULL
    description text
    url text NOT NULL
    rate_limit_per_second integer NOT NULL
    maximum_retry_delay_minutes integer NOT NULL
    event_types text[] NOT NULL
    is_active boolean NOT NULL
    CONSTRAINT webhooks_description_check CHECK (((length(description) >= 1) AND (length(description) <= 255)))
    CONSTRAINT webhooks_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 22)))
    CONSTRAINT webhooks_maximum_retry_delay_minutes_check CHECK (((maximum_retry_delay_minutes >= 0) AND (maximum_retry_delay_minutes <= 1440)))
    CONSTRAINT webhooks_name_check CHECK (((length(name) >= 1) AND (length(name) <= 47)))
    CONSTRAINT webhooks_pkey PRIMARY KEY (id)
    CONSTRAINT webhooks_rate_limit_per_second_check CHECK (((rate_limit_per_second >= 1) AND (rate_limit_per_second <= 1000)))
    CONSTRAINT webhooks_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id) ON DELETE CASCADE
    CONSTRAINT webhooks_url_check CHECK (((length(url) >= 1) AND (length(url) <= 4096)))
    CREATE INDEX webhooks_team_id_created_at_idx ON public.webhooks USING btree (team_id, created_at, id)
TABLE worker_networks
    worker uuid NOT NULL
    seen_at timestamp with time zone NOT NULL DEFAULT now()
    networks bigint[] NOT NULL
    CONSTRAINT worker_networks_pkey PRIMARY KEY (worker)
