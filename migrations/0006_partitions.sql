-- Records and events by month on PostgreSQL, so that an old month is a table of its own that can be archived and dropped. Records by when
-- they happened, which is how they are read; events by when they came, which no wrong clock of a kiosk can move into a month that is gone
-- already. What no month is there for stays in the partition DEFAULT until there is one (see partitions.rs); what was there before is in it
-- at first.
--
-- PostgreSQL wants the column a table is partitioned by in its key. That an event has its number once is decided by kiosks.acked_seq in the
-- kiosk's row anyway.

-- Whoever makes a partition takes this row first.
INSERT INTO settings (name, value) VALUES ('partitions', '');

/* pg: ALTER TABLE records RENAME TO records_default;
ALTER INDEX records_pkey RENAME TO records_default_pkey;
ALTER INDEX records_guard RENAME TO records_default_guard;
CREATE TABLE records (LIKE records_default) PARTITION BY RANGE (at);
ALTER TABLE records ADD PRIMARY KEY (owner, at, guard_id, seq);
CREATE INDEX records_guard ON records (owner, guard_id, at, seq);
ALTER TABLE records ATTACH PARTITION records_default DEFAULT;

ALTER TABLE events RENAME TO events_default;
ALTER TABLE events_default DROP CONSTRAINT events_pkey;
ALTER TABLE events_default ADD PRIMARY KEY (yid, seq, received_at);
CREATE TABLE events (LIKE events_default) PARTITION BY RANGE (received_at);
ALTER TABLE events ADD PRIMARY KEY (yid, seq, received_at);
ALTER TABLE events ATTACH PARTITION events_default DEFAULT; */
