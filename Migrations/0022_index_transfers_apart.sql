-- Transfers and processing have places of their own (docs/decisions/0013), so that each looks for its own kinds only: an index for
-- either, in which a thousand waiting imports are not in the way of an encode unit, nor an hour of footage in that of an import.
-- Workers of older builds, which look for all kinds at once, sort what is available meanwhile.
--
-- Locks segments against writing while the indexes are built; they hold no more than what is available.

DROP INDEX segments_available_idx;
CREATE INDEX segments_processing_idx ON segments (priority DESC, position)
    WHERE state = 'available' AND kind NOT IN ('import', 'export');
CREATE INDEX segments_transfers_idx ON segments (priority DESC, position)
    WHERE state = 'available' AND kind IN ('import', 'export');
