-- What an operator wants of a door and its kiosk has not confirmed yet: B, C or X. Until then the kiosk is told with every answer, and
-- what it reports of a door it does not use changes nothing.
ALTER TABLE compartments ADD COLUMN wanted TEXT;

-- The deposits of a kiosk that were scanned and wait for their order.
CREATE INDEX scans_kiosk ON scans (yid, cmd, scanned_at);
