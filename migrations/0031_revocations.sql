-- What kiosks without network are told not to open for any more: people who left, sign-ins of lost phones, single vouchers. A row stays for
-- as long as something made before it could still be shown. Few rows.
CREATE TABLE revocations (
    kind TEXT /* pg: COLLATE "C" */ NOT NULL, -- person, sign-in or code
    id   TEXT /* pg: COLLATE "C" */ NOT NULL, -- phone, the session's hash, the code's id
    at   BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX revocations_at ON revocations (at);
