-- The guard half. What is about a person is distributed by the phone number, what is about a door by guard_id, records by the owner they
-- belong to. Nothing here joins two of these: whoever needs both asks twice.
--
-- "sqlite: WITHOUT ROWID" (see db.rs) keeps a row where its key is, so that what is read together lies together.

-- What there is of an owner beside the person.
CREATE TABLE owners (
    phone         TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    imei          TEXT NOT NULL,   -- of the device that signed in last, empty while there is none
    epoch         BIGINT NOT NULL, -- of the tokens given out now
    ended_epoch   BIGINT NOT NULL, -- tokens of this epoch and older ones are over
    superseded_at BIGINT,          -- when another device took over
    superior      TEXT,            -- phone
    grade         BIGINT NOT NULL  -- 0 to 3
);

-- The same links seen from above.
CREATE TABLE juniors (
    superior TEXT /* pg: COLLATE "C" */ NOT NULL,
    junior   TEXT /* pg: COLLATE "C" */ NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (superior, junior)
);

INSERT INTO owners (phone, imei, epoch, ended_epoch, grade)
    SELECT phone, '', 1, 0, 0 FROM people WHERE role = 'owner';

-- Whoever changes superiors and juniors takes this row first, so that two changes follow each other.
INSERT INTO settings (name, value) VALUES ('forest', '');

-- The one-time code that allows a new password without signing in, at most one each.
CREATE TABLE reset_codes (
    phone     TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL, -- keyed hash
    tries     BIGINT NOT NULL,
    expires   BIGINT NOT NULL
);
CREATE INDEX reset_codes_expires ON reset_codes (expires);

-- What is still to be told to somebody outside.
CREATE TABLE notifications (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL,
    id      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    body    TEXT NOT NULL,   -- sealed
    tries   BIGINT NOT NULL,
    next_at BIGINT NOT NULL, -- not before
    PRIMARY KEY (phone, id)
);
CREATE INDEX notifications_next_at ON notifications (next_at);

-- Who asked to see the whole of a card's number.
CREATE TABLE card_views (
    owner        TEXT /* pg: COLLATE "C" */ NOT NULL, -- of the guard
    id           TEXT /* pg: COLLATE "C" */ NOT NULL, -- sorts by when
    guard_id     TEXT NOT NULL,
    service_numb TEXT NOT NULL,
    who          TEXT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
);

-- The guards of an owner. guards.owner says the same and decides.
CREATE TABLE owner_guards (
    owner    TEXT /* pg: COLLATE "C" */ NOT NULL,
    guard_id TEXT /* pg: COLLATE "C" */ NOT NULL,
    PRIMARY KEY (owner, guard_id)
) /* sqlite: WITHOUT ROWID */;

-- Every device of the inventory, owned or not.
CREATE TABLE guards (
    guard_id          TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    device_key        TEXT NOT NULL,   -- sealed
    op_code           TEXT,            -- sealed; what the device said last
    firmware          TEXT NOT NULL,
    owner             TEXT,            -- phone
    owned_since       BIGINT,
    name              TEXT NOT NULL,
    location          TEXT NOT NULL,
    comment           TEXT NOT NULL,
    default_password1 TEXT,            -- sealed
    default_password2 TEXT,            -- sealed
    version           BIGINT NOT NULL, -- of what the device should know; every change of it is one more
    settings_version  BIGINT NOT NULL, -- of the last change of owner or default passwords
    record_seq        BIGINT NOT NULL, -- its records are stored up to here
    connected_at      BIGINT,          -- for the first time
    added_at          BIGINT NOT NULL
) /* sqlite: WITHOUT ROWID */;

-- Whose a guard was when: a record that arrives late belongs to whoever owned the guard at its time.
CREATE TABLE ownerships (
    guard_id TEXT /* pg: COLLATE "C" */ NOT NULL,
    since    BIGINT NOT NULL,
    owner    TEXT NOT NULL,
    until    BIGINT,
    PRIMARY KEY (guard_id, since)
);

-- What devices say of themselves, written in batches.
CREATE TABLE presence (
    guard_id             TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    session              BIGINT NOT NULL, -- the connection this is about; what an older one says last changes nothing
    connected            BIGINT NOT NULL,
    seen_at              BIGINT NOT NULL,
    status               BIGINT NOT NULL, -- 1 works, 2 does not
    clock_uncertainty_ms BIGINT,
    acked_version        BIGINT NOT NULL, -- what the device knows
    acked_at             BIGINT
) /* sqlite: WITHOUT ROWID */;

-- Authorisations by card and by password, in one table because a device gets one row of versions. Cancelled ones stay.
CREATE TABLE grants (
    guard_id     TEXT /* pg: COLLATE "C" */ NOT NULL,
    service_numb TEXT /* pg: COLLATE "C" */ NOT NULL,
    kind         TEXT NOT NULL,   -- card, password
    content      TEXT NOT NULL,   -- sealed JSON
    starts       BIGINT NOT NULL,
    ends         BIGINT NOT NULL,
    version      BIGINT NOT NULL, -- of the guard, when this was last changed
    added_at     BIGINT NOT NULL,
    added_by     TEXT NOT NULL,   -- phone
    cancelled_at BIGINT,
    PRIMARY KEY (guard_id, service_numb)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX grants_version ON grants (guard_id, version);
CREATE INDEX grants_ends ON grants (guard_id, ends, cancelled_at);

-- Openings and refusals, as devices report them; rows are only ever added. The device's numbers decide what is stored already
-- (guards.record_seq), so the key may follow the time, by which they are read.
CREATE TABLE records (
    owner          TEXT /* pg: COLLATE "C" */ NOT NULL, -- empty while nobody owned the guard
    at             BIGINT NOT NULL,
    guard_id       TEXT /* pg: COLLATE "C" */ NOT NULL,
    seq            BIGINT NOT NULL, -- of the device, without a gap
    way            BIGINT NOT NULL, -- 1 card, 2 password, 0 neither: records were lost
    opened         BIGINT NOT NULL, -- 0: refused
    reason         TEXT,            -- why refused
    service_numb   TEXT,
    info           TEXT NOT NULL,   -- sealed JSON: whose card, which password
    uncertainty_ms BIGINT,          -- of the device's clock; NULL: it did not know the time
    received_at    BIGINT NOT NULL,
    PRIMARY KEY (owner, at, guard_id, seq)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX records_guard ON records (owner, guard_id, at, seq);
