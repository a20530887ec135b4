-- The Location of an answer that is kept for an idempotency key, which a repeated request is answered with too.
--
-- Locks the table for a moment: a column without a default is not written to the rows. Answers kept before have none.

ALTER TABLE idempotency_keys ADD COLUMN location text;
