-- How the lock boards of a kiosk are connected, as JSON; NULL: its doors are drawn on its screen. The revision counts the changes: what a kiosk
-- changed at its own staff area is taken only if it was made from the newest.
ALTER TABLE kiosks ADD COLUMN wiring TEXT;
ALTER TABLE kiosks ADD COLUMN wiring_revision BIGINT;
