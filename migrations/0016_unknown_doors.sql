-- A device that became a kiosk in place of an earlier one does not know what that one did last and told nobody. Since then nothing is known of
-- what is behind a door; NULL once it was heard of from the new device, or a deposit into it was completed.
ALTER TABLE compartments ADD COLUMN unknown_since BIGINT;
