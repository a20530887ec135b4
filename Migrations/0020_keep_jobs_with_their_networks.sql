-- Which trained networks a segment needs, and which each worker has: a job stays with workers that have its networks while there
-- are any (docs/decisions/0011). Networks are named by the first eight bytes of their files' SHA-256.
--
-- Locks the table of segments for a moment: a column with a constant default is not written to the rows.

ALTER TABLE segments ADD COLUMN networks bigint[] NOT NULL DEFAULT '{}';

CREATE TABLE worker_networks (
    worker uuid NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    networks bigint[] NOT NULL,
    CONSTRAINT worker_networks_pkey PRIMARY KEY (worker)
);
