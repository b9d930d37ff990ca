-- The directory: which processes there are, and who is sent to which (SPEC 4.5).

-- Distributed by name; few rows, so on a distributed engine better a copy on every machine.
CREATE TABLE nodes (
    name       TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    host       TEXT,            -- under which others reach it; NULL: by whatever host a caller used
    weight     BIGINT NOT NULL,
    state      TEXT NOT NULL,   -- live, draining: what an operator wants of it
    run        TEXT NOT NULL,   -- of the process that has the name; an older one finds another's here
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL, -- its last heartbeat
    stopped_at BIGINT,          -- when it ended as it should
    guards     BIGINT NOT NULL  -- linked to it at that heartbeat
);

-- The node somebody was sent to; NULL: to none yet. Only a hint where to connect: any node serves anybody.
ALTER TABLE owners ADD COLUMN node TEXT;
ALTER TABLE guards ADD COLUMN node TEXT;
-- For counting.
CREATE INDEX owners_node ON owners (node);
CREATE INDEX guards_node ON guards (node);
