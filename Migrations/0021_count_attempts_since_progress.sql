-- How far a unit that goes on where it stopped had come when an attempt of it last failed: an attempt that brought it clearly further
-- counts as the first again.
--
-- Locks the table of segments for a moment: a column with a constant default is not written to the rows.

ALTER TABLE segments ADD COLUMN credited bigint NOT NULL DEFAULT 0;
