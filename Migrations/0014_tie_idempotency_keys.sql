-- Ties the request that an idempotency key is claimed by to the process that carries it out, and to what it has changed: when
-- the process is gone, the key is free if nothing was changed, and never carried out again if something was.
--
-- Rewrites idempotency_keys under a lock: it holds the requests of one day.

ALTER TABLE idempotency_keys
    -- The claim: one that was taken over meanwhile can change nothing more.
    ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The advisory lock that the process holds for as long as it lives; null when it has given the key up.
    ADD COLUMN holder bigint,
    -- Written by the first change, in its transaction.
    ADD COLUMN changed_at timestamptz,
    -- What was changed or made, as far as it is known by its id.
    ADD COLUMN subjects uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE idempotency_keys ALTER COLUMN token DROP DEFAULT;
