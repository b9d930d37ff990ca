-- Cards and passwords are numbered apart: a card and a password of one guard may have the same number.
/* pg: ALTER TABLE grants DROP CONSTRAINT grants_pkey;
ALTER TABLE grants ADD PRIMARY KEY (guard_id, kind, service_numb); */
/* sqlite: CREATE TABLE grants_by_kind (
    guard_id     TEXT NOT NULL,
    service_numb TEXT NOT NULL,
    kind         TEXT NOT NULL,
    content      TEXT NOT NULL,
    starts       BIGINT NOT NULL,
    ends         BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    added_at     BIGINT NOT NULL,
    added_by     TEXT NOT NULL,
    cancelled_at BIGINT,
    PRIMARY KEY (guard_id, kind, service_numb)
) WITHOUT ROWID;
INSERT INTO grants_by_kind (guard_id, service_numb, kind, content, starts, ends, version, added_at, added_by, cancelled_at)
    SELECT guard_id, service_numb, kind, content, starts, ends, version, added_at, added_by, cancelled_at FROM grants;
DROP TABLE grants;
ALTER TABLE grants_by_kind RENAME TO grants;
CREATE INDEX grants_version ON grants (guard_id, version);
CREATE INDEX grants_ends ON grants (guard_id, ends, cancelled_at); */
