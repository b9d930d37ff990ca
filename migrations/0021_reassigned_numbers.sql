-- When an operator gave a number, which somebody else had registered, to the person who holds it, and who did so (phone; nothing: a command).
-- What is from before belongs to the earlier holder and is shown to nobody.
ALTER TABLE people ADD COLUMN reassigned_at BIGINT;
ALTER TABLE people ADD COLUMN reassigned_by TEXT;

-- The one-time code that shows that somebody who registers a number receives what is sent there, at most one each. Distributed by phone.
CREATE TABLE registration_codes (
    phone     TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    code_hash TEXT NOT NULL, -- keyed hash
    tries     BIGINT NOT NULL,
    expires   BIGINT NOT NULL,
    asked_by  TEXT NOT NULL -- keyed hash of the caller
);
CREATE INDEX registration_codes_expires ON registration_codes (expires);
