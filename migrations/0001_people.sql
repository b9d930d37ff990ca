-- One text for SQLite and for PostgreSQL, and fit for a distributed PostgreSQL:
--   * only BIGINT and TEXT; times are Unix milliseconds; yes and no are 1 and 0;
--   * every primary key begins with the column its table would be distributed by, and no other unique constraint exists;
--   * no foreign keys between tables distributed by different columns, no defaults that call functions, no triggers, no sequences.
-- Where a column is searched by prefix or paged by, the comment "pg: COLLATE" is taken off for PostgreSQL (see db.rs), so that both
-- engines compare bytes. Whatever is marked "sealed" is encrypted under the master key.

-- Everybody who may sign in. Distributed by phone.
CREATE TABLE people (
    phone         TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,   -- operator, staff, business, owner
    business      TEXT,            -- of a business user
    password_hash TEXT NOT NULL,   -- Argon2id, PHC form
    active        BIGINT NOT NULL, -- 0: may not sign in
    added_at      BIGINT NOT NULL
);
CREATE INDEX people_business ON people (business);
CREATE INDEX people_role ON people (role);

-- Bearer tokens of people; beside the person they speak for.
CREATE TABLE person_tokens (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL,
    id      TEXT NOT NULL,   -- SHA-256 of the token
    expires BIGINT NOT NULL,
    PRIMARY KEY (phone, id)
);
CREATE INDEX person_tokens_expires ON person_tokens (expires);

-- The contractors. Distributed by name.
CREATE TABLE businesses (
    name     TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    added_at BIGINT NOT NULL
);

-- Sessions of browsers. Distributed by id.
CREATE TABLE sessions (
    id      TEXT NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's value
    phone   TEXT,                      -- the person signed in
    data    TEXT NOT NULL,             -- JSON
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_phone ON sessions (phone);
CREATE INDEX sessions_expires ON sessions (expires);

-- Tries within a window. Distributed by what is counted.
CREATE TABLE limits (
    what  TEXT NOT NULL PRIMARY KEY,
    tries BIGINT NOT NULL,
    ends  BIGINT NOT NULL
);
CREATE INDEX limits_ends ON limits (ends);

-- Facts about the deployment that must be decided once.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
