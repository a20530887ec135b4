-- What processing costs and who has paid: appraisals, charges of jobs under way, periods, transactions, agreements, and the
-- measurements that time estimates rest on. Locks teams for a moment: columns with constant defaults are added without a
-- rewrite. Money is in thousandths of a US dollar, volumes in millions of pixels, credits are whole.

ALTER TABLE teams
    ADD COLUMN billing_type text NOT NULL DEFAULT 'STRIPE'
        CONSTRAINT teams_billing_type_check CHECK (billing_type IN ('STRIPE', 'AWS_MARKETPLACE')),
    -- Appraisals made before this moment cannot be accepted.
    ADD COLUMN billing_changed_at timestamptz NOT NULL DEFAULT '-infinity';

-- One row a team; its lock puts the transactions of a team into an order.
CREATE TABLE billing_accounts (
    team_id uuid CONSTRAINT billing_accounts_pkey PRIMARY KEY
        CONSTRAINT billing_accounts_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    processing_balance bigint NOT NULL DEFAULT 0,
    utilities_balance bigint NOT NULL DEFAULT 0,
    -- Spent on processing since the team exists, less refunds.
    processing_spend bigint NOT NULL DEFAULT 0
);
INSERT INTO billing_accounts (team_id) SELECT id FROM teams;

CREATE TABLE billing_periods (
    id uuid CONSTRAINT billing_periods_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    team_id uuid NOT NULL CONSTRAINT billing_periods_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    -- Null for the open one.
    ended_at timestamptz,
    -- Bytes in storage, times the seconds they were there, up to storage_measured_at.
    storage_byte_seconds numeric NOT NULL DEFAULT 0,
    storage_measured_at timestamptz NOT NULL,
    -- Null until the ended period's storage is booked.
    storage_cost bigint,
    download_cost bigint NOT NULL DEFAULT 0,
    CONSTRAINT billing_periods_range_check CHECK (ended_at > created_at)
);
CREATE UNIQUE INDEX billing_periods_team_id_open_key ON billing_periods (team_id) WHERE ended_at IS NULL;
CREATE INDEX billing_periods_team_id_created_at_idx ON billing_periods (team_id, created_at, id);
CREATE INDEX billing_periods_unbooked_idx ON billing_periods (ended_at) WHERE ended_at IS NOT NULL AND storage_cost IS NULL;
INSERT INTO billing_periods (id, created_at, updated_at, team_id, storage_measured_at)
    SELECT gen_random_uuid(), created_at, now(), id, now() FROM teams;

CREATE TABLE transactions (
    id uuid CONSTRAINT transactions_pkey PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT transactions_position_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    team_id uuid NOT NULL CONSTRAINT transactions_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    period_id uuid NOT NULL CONSTRAINT transactions_period_id_fkey REFERENCES billing_periods ON DELETE CASCADE,
    billing_type text NOT NULL
        CONSTRAINT transactions_billing_type_check CHECK (billing_type IN ('STRIPE', 'AWS_MARKETPLACE')),
    kind text NOT NULL CONSTRAINT transactions_kind_check CHECK (kind IN ('PROCESSING', 'UTILITIES')),
    category text NOT NULL CONSTRAINT transactions_category_check CHECK (category IN
        ('ENCODER', 'FILTER', 'PROCESSING', 'STORAGE', 'DOWNLOAD_S3', 'DOWNLOAD_CLOUDFRONT', 'OTHER')),
    -- Thousandths of a dollar, negative for a debit; 0 for a team that is billed in credits.
    amount bigint NOT NULL,
    -- Of the kind's account, after this.
    balance bigint NOT NULL,
    -- Credits used; negative when given back.
    credits bigint NOT NULL,
    -- Counts towards the volume discount.
    volume bigint NOT NULL DEFAULT 0,
    -- Neither refers to a row: the books outlive the videos.
    video_id uuid,
    source_id uuid,
    -- What was bought, as a list; null for an adjustment.
    products jsonb,
    discount_tenths integer NOT NULL DEFAULT 0,
    adjustment_type text,
    adjustment_reason text,
    -- What was booked, so that nothing is booked twice.
    reference text CONSTRAINT transactions_reference_key UNIQUE,
    CONSTRAINT transactions_content_check CHECK ((products IS NULL) = (adjustment_type IS NOT NULL))
);
CREATE INDEX transactions_period_id_position_idx ON transactions (period_id, position);
CREATE INDEX transactions_team_id_created_at_idx ON transactions (team_id, created_at);
CREATE INDEX transactions_video_id_idx ON transactions (video_id) WHERE video_id IS NOT NULL;

-- What a job costs when it succeeds.
CREATE TABLE charges (
    job_id uuid CONSTRAINT charges_pkey PRIMARY KEY CONSTRAINT charges_job_id_fkey REFERENCES jobs ON DELETE CASCADE,
    team_id uuid NOT NULL CONSTRAINT charges_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    billing_type text NOT NULL CONSTRAINT charges_billing_type_check CHECK (billing_type IN ('STRIPE', 'AWS_MARKETPLACE')),
    amount bigint NOT NULL CONSTRAINT charges_amount_check CHECK (amount >= 0),
    credits bigint NOT NULL CONSTRAINT charges_credits_check CHECK (credits >= 0),
    volume bigint NOT NULL CONSTRAINT charges_volume_check CHECK (volume >= 0),
    discount_tenths integer NOT NULL,
    products jsonb NOT NULL,
    -- Shares of the time estimate: product, millions of pixels, seconds.
    shares jsonb NOT NULL
);
CREATE INDEX charges_team_id_idx ON charges (team_id);

CREATE TABLE appraisals (
    id uuid CONSTRAINT appraisals_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    team_id uuid NOT NULL CONSTRAINT appraisals_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    source_id uuid NOT NULL CONSTRAINT appraisals_source_id_fkey REFERENCES videos ON DELETE CASCADE,
    -- The video to be; it exists from the acceptance on.
    video_id uuid NOT NULL CONSTRAINT appraisals_video_id_key UNIQUE,
    accepted_at timestamptz,
    -- The processing exactly as it was appraised: as in videos, jobs, segments and charges.
    kind text NOT NULL,
    name text NOT NULL,
    start_ms bigint,
    end_ms bigint,
    options jsonb NOT NULL,
    appraisal jsonb NOT NULL,
    plan jsonb NOT NULL,
    segments jsonb NOT NULL,
    billing_type text NOT NULL
        CONSTRAINT appraisals_billing_type_check CHECK (billing_type IN ('STRIPE', 'AWS_MARKETPLACE')),
    amount bigint NOT NULL,
    credits bigint NOT NULL,
    volume bigint NOT NULL,
    discount_tenths integer NOT NULL,
    products jsonb NOT NULL,
    shares jsonb NOT NULL
);
CREATE INDEX appraisals_expires_at_idx ON appraisals (expires_at);
CREATE INDEX appraisals_source_id_idx ON appraisals (source_id);

CREATE TABLE marketplace_agreements (
    agreement_id text CONSTRAINT marketplace_agreements_pkey PRIMARY KEY
        CONSTRAINT marketplace_agreements_agreement_id_check CHECK (length(agreement_id) BETWEEN 1 AND 255 AND agreement_id <> 'current'),
    id uuid NOT NULL CONSTRAINT marketplace_agreements_id_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    team_id uuid NOT NULL CONSTRAINT marketplace_agreements_team_id_fkey REFERENCES teams ON DELETE CASCADE,
    status text NOT NULL CONSTRAINT marketplace_agreements_status_check CHECK (status IN
        ('SUBSCRIBED', 'UNSUBSCRIBE_PENDING', 'UNSUBSCRIBED')),
    license_arn text NOT NULL,
    offer_id text NOT NULL,
    product_id text NOT NULL,
    product_name text NOT NULL,
    buyer_account_id text NOT NULL,
    seller_account_id text NOT NULL,
    accepted_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    linked_at timestamptz NOT NULL,
    effective_from timestamptz NOT NULL,
    cancellation_requested_at timestamptz,
    deprovisioned_at timestamptz,
    replaces_agreement_id text,
    CONSTRAINT marketplace_agreements_end_check CHECK ((status = 'UNSUBSCRIBED') = (deprovisioned_at IS NOT NULL))
);
-- At most one agreement of a team is alive.
CREATE UNIQUE INDEX marketplace_agreements_team_id_alive_key ON marketplace_agreements (team_id) WHERE status <> 'UNSUBSCRIBED';
CREATE INDEX marketplace_agreements_team_id_created_at_idx ON marketplace_agreements (team_id, created_at, id);

-- What finished jobs took, for the estimates of later ones.
CREATE TABLE job_measurements (
    job_id uuid CONSTRAINT job_measurements_pkey PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    device text NOT NULL,
    seconds double precision NOT NULL CONSTRAINT job_measurements_seconds_check CHECK (seconds > 0),
    predicted_seconds double precision NOT NULL
        CONSTRAINT job_measurements_predicted_seconds_check CHECK (predicted_seconds > 0)
);
CREATE INDEX job_measurements_created_at_idx ON job_measurements (created_at);
CREATE TABLE product_measurements (
    job_id uuid NOT NULL CONSTRAINT product_measurements_job_id_fkey REFERENCES job_measurements ON DELETE CASCADE,
    product text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    device text NOT NULL,
    -- Millions of pixels.
    volume bigint NOT NULL CONSTRAINT product_measurements_volume_check CHECK (volume > 0),
    seconds double precision NOT NULL,
    CONSTRAINT product_measurements_pkey PRIMARY KEY (job_id, product)
);
CREATE INDEX product_measurements_device_product_created_at_idx ON product_measurements (device, product, created_at);
