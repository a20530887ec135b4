-- Whether a team gets a free clip of every fully ingested master. Locks teams for a moment: the default is a constant.

ALTER TABLE teams ADD COLUMN free_clips boolean NOT NULL DEFAULT true;
