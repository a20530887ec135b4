-- A row that was just made has not been changed before it was made: its time of change is read from the clock like its time of
-- creation, not taken from the beginning of the transaction. Rows that show the older time are put right.
--
-- Locks each of these small tables for a moment.

ALTER TABLE teams ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE projects ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE api_keys ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE processing_configurations ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE webhooks ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE webhook_signing_keys ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE s3_locations ALTER updated_at SET DEFAULT clock_timestamp();
ALTER TABLE marketplace_agreements ALTER updated_at SET DEFAULT clock_timestamp();

UPDATE teams SET updated_at = created_at WHERE updated_at < created_at;
UPDATE projects SET updated_at = created_at WHERE updated_at < created_at;
UPDATE api_keys SET updated_at = created_at WHERE updated_at < created_at;
UPDATE processing_configurations SET updated_at = created_at WHERE updated_at < created_at;
UPDATE webhooks SET updated_at = created_at WHERE updated_at < created_at;
UPDATE webhook_signing_keys SET updated_at = created_at WHERE updated_at < created_at;
UPDATE s3_locations SET updated_at = created_at WHERE updated_at < created_at;
UPDATE billing_periods SET updated_at = created_at WHERE updated_at < created_at;
UPDATE marketplace_agreements SET updated_at = created_at WHERE updated_at < created_at;
