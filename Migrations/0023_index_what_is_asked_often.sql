-- Indexes for what is asked often: a statement costs what is in work, or what it answers with, not the whole history.
--
-- Locks webhook_events, jobs, videos and job_measurements against writing while their indexes are built, one after the other: each
-- table is read once, a second or two for a million rows. Senders of older builds, which ask for what is due in the order of all
-- webhooks, sort what is not decided meanwhile.

-- What is due of one webhook, oldest first, and which webhooks have anything to be delivered (EventOutbox.lease): what is due of
-- another is not in the way.
DROP INDEX webhook_events_due_idx;
CREATE INDEX webhook_events_due_idx ON webhook_events (webhook_id, next_attempt_at, position) WHERE successful IS NULL;

-- Jobs under way: of all teams for the metrics, of one for what its balance has to cover.
CREATE INDEX jobs_active_idx ON jobs (team_id) INCLUDE (kind, id) WHERE state = 'active';

-- What a team has in storage is summed every hour.
CREATE INDEX videos_stored_idx ON videos (team_id) INCLUDE (file_size) WHERE file_key IS NOT NULL;

-- The last jobs of one device.
CREATE INDEX job_measurements_device_created_at_idx ON job_measurements (device, created_at);
