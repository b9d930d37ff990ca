-- What a form made, so that the same form sent again makes nothing more and is answered the same. Distributed by phone.
CREATE TABLE form_keys (
    phone      TEXT /* pg: COLLATE "C" */ NOT NULL, -- of the person who sent it
    form       TEXT NOT NULL, -- keyed hash of the form's one-use key and everything in the form
    outcome    TEXT,          -- sealed; nothing while it is being made
    claimed_at BIGINT NOT NULL,
    ends       BIGINT NOT NULL,
    PRIMARY KEY (phone, form)
);
CREATE INDEX form_keys_ends ON form_keys (ends);
