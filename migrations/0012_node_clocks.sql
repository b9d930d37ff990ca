-- A node's clock minus the database's, in milliseconds, as the node measured it at its last heartbeat; NULL: not measured. Times in its row are by
-- its own clock, so whoever judges by them takes this off.
ALTER TABLE nodes ADD COLUMN clock_offset_ms BIGINT;
