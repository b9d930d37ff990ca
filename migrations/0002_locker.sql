-- The locker half. Kiosks and everything inside them are distributed by yid, orders and their evidence by things_sq.

CREATE TABLE kiosks (
    yid             BIGINT NOT NULL PRIMARY KEY,
    name            TEXT NOT NULL,
    address         TEXT NOT NULL,
    secret          TEXT NOT NULL,   -- sealed
    legacy          BIGINT NOT NULL, -- 1: the secret was given, and may be weak
    pin_hash        TEXT,            -- of the staff PIN, as the kiosk checks it
    overdue_days    BIGINT NOT NULL,
    clock_offset_ms BIGINT NOT NULL, -- of its own clock, as it last said; what it writes is corrected already
    acked_seq       BIGINT NOT NULL, -- its events are stored up to here
    applied_date    BIGINT NOT NULL, -- date of the newest state applied
    enrolled_at     BIGINT,
    heard_at        BIGINT,
    added_at        BIGINT NOT NULL
);

-- The open enrolment code of a kiosk, at most one.
CREATE TABLE enrolments (
    yid       BIGINT NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL, -- keyed hash
    tries     BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX enrolments_code ON enrolments (code_hash);

-- The bearer token of the device that is this kiosk.
CREATE TABLE kiosk_tokens (
    yid     BIGINT NOT NULL,
    id      TEXT NOT NULL, -- SHA-256 of the token
    made_at BIGINT NOT NULL,
    PRIMARY KEY (yid, id)
);

CREATE TABLE compartments (
    yid       BIGINT NOT NULL,
    jumper    BIGINT NOT NULL, -- lock board
    serial    BIGINT NOT NULL, -- port on it
    label     TEXT NOT NULL,
    size      BIGINT NOT NULL,
    status    TEXT NOT NULL,   -- A to G, X
    kind      TEXT,            -- deposit, return
    things_sq TEXT,            -- the order bound to it
    save_date TEXT,            -- as the kiosk wrote it
    pwd       TEXT,            -- sealed
    state_at  BIGINT NOT NULL, -- as of when this is known; an older report changes nothing
    heard_at  BIGINT,
    PRIMARY KEY (yid, jumper, serial)
);

-- Codes read from kiosks. The key makes each acceptable once.
CREATE TABLE scans (
    yid        BIGINT NOT NULL,
    token_id   TEXT NOT NULL,   -- SHA-256 of its jti, or of the whole token where it has none
    cmd        TEXT NOT NULL,
    person     TEXT NOT NULL,   -- phone
    made_at    BIGINT NOT NULL, -- the token's date, or when it was read where that lies in the future
    date       TEXT NOT NULL,   -- the token's date as written
    scanned_at BIGINT NOT NULL,
    data       TEXT NOT NULL,   -- sealed JSON
    done_at    BIGINT,          -- when the deposit was completed or the state applied
    PRIMARY KEY (yid, token_id)
);
CREATE INDEX scans_person ON scans (person, cmd, scanned_at);
CREATE INDEX scans_scanned_at ON scans (scanned_at);

-- What kiosks report, without a gap.
CREATE TABLE events (
    yid         BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL, -- by the kiosk's corrected clock
    kind        TEXT NOT NULL,
    jumper      BIGINT,
    serial      BIGINT,
    things_sq   TEXT,
    actor       TEXT,            -- phone
    detail      TEXT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (yid, seq)
);

CREATE TABLE orders (
    things_sq     TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    customer_no   TEXT /* pg: COLLATE "C" */ NOT NULL,
    customer_name TEXT NOT NULL,
    address       TEXT NOT NULL,
    meter_kind    TEXT NOT NULL,
    business      TEXT /* pg: COLLATE "C" */ NOT NULL,
    status        TEXT NOT NULL, -- A received, B ready, C stored, D done
    yid           BIGINT,        -- where it is (C) or was (D)
    jumper        BIGINT,
    serial        BIGINT,
    label         TEXT,
    stored_at     BIGINT,
    stored_by     TEXT,          -- phone
    done_at       BIGINT,
    added_at      BIGINT NOT NULL
);
-- A search page is a range of one of these.
CREATE INDEX orders_customer ON orders (customer_no, things_sq);
CREATE INDEX orders_business ON orders (business, customer_no, things_sq);
CREATE INDEX orders_status ON orders (status, customer_no, things_sq);
CREATE INDEX orders_place ON orders (yid, jumper, serial, stored_at);

-- What happened to an order; rows are only ever added.
CREATE TABLE evidence (
    things_sq TEXT /* pg: COLLATE "C" */ NOT NULL,
    id        TEXT /* pg: COLLATE "C" */ NOT NULL, -- sorts by when it happened
    business  TEXT /* pg: COLLATE "C" */ NOT NULL, -- of the order
    at        BIGINT NOT NULL,
    what      TEXT NOT NULL,
    yid       BIGINT,
    jumper    BIGINT,
    serial    BIGINT,
    label     TEXT,
    who       TEXT, -- phone
    source    TEXT NOT NULL, -- server, phone, kiosk
    PRIMARY KEY (things_sq, id)
);
CREATE INDEX evidence_business ON evidence (business, id);
