-- What the operator's first page shows at once: the newest evidence of all orders, but for what comes by the thousand with a file.
CREATE INDEX evidence_latest ON evidence (id) WHERE what <> 'received' AND what <> 'ready';

-- Passwords and codes that the server made, for the few minutes in which the page that shows them may be loaded again. Distributed by phone.
CREATE TABLE shown_secrets (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL, -- of the operator who made it
    about   TEXT /* pg: COLLATE "C" */ NOT NULL, -- what it is for: person/01012345678, kiosk/1234
    content TEXT NOT NULL,                       -- sealed
    ends    BIGINT NOT NULL,
    PRIMARY KEY (phone, about)
);
CREATE INDEX shown_secrets_ends ON shown_secrets (ends);
