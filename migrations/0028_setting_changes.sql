-- Who changed a setting of the deployment, and what it was before. Rows are only ever added. The settings themselves stand in settings, under 'site' as
-- JSON and under 'logo' as the picture in base64.
CREATE TABLE setting_changes (
    id      TEXT PRIMARY KEY, -- sorts by time
    at      BIGINT NOT NULL,
    who     TEXT,             -- phone number; NULL: the command line
    setting TEXT NOT NULL,
    before  TEXT NOT NULL,
    after   TEXT NOT NULL
);
