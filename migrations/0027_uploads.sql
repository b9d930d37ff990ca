-- Files that operators send for importing, kept for a day: looked at first, then imported in steps. Distributed by phone.
CREATE TABLE uploads (
    phone     TEXT /* pg: COLLATE "C" */ NOT NULL, -- of the operator who sent it
    id        TEXT /* pg: COLLATE "C" */ NOT NULL,
    kind      TEXT NOT NULL,   -- orders or guards
    name      TEXT NOT NULL,   -- what the file was called
    encoding  TEXT NOT NULL,   -- what it is read as; empty: found out
    row_count BIGINT NOT NULL, -- rows that make sense; 0 until importing began
    done      BIGINT NOT NULL, -- the first so many of them are dealt with, in the transaction that did so
    added     BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    begun_at  BIGINT,
    made_at   BIGINT NOT NULL,
    ends      BIGINT NOT NULL,
    PRIMARY KEY (phone, id)
);
CREATE INDEX uploads_ends ON uploads (ends);

-- What is in them, in pieces.
CREATE TABLE upload_parts (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL,
    id      TEXT /* pg: COLLATE "C" */ NOT NULL,
    part    BIGINT NOT NULL,
    content TEXT NOT NULL, -- sealed: there may be keys of devices in it
    ends    BIGINT NOT NULL,
    PRIMARY KEY (phone, id, part)
);
CREATE INDEX upload_parts_ends ON upload_parts (ends);
