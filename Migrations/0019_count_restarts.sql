-- How often a job was begun anew because the trained networks of its plan were not there any more.
--
-- Locks the table for a moment: a column with a constant default is not written to the rows.

ALTER TABLE jobs ADD COLUMN restarts integer NOT NULL DEFAULT 0;
