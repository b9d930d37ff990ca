-- The first result of a request that came with a one-use key, written in the transaction of what it did: the same request with the same key is
-- answered the same and does nothing more. Distributed by who.
CREATE TABLE idempotency_keys (
    who         TEXT /* pg: COLLATE "C" */ NOT NULL, -- phone number of a person, 'kiosk/1234', or 'secret/' and a hash where nobody is signed in
    one_use_key TEXT NOT NULL,                       -- hash
    result      TEXT NOT NULL,                       -- sealed, with a hash of the request
    made_at     BIGINT NOT NULL,
    ends        BIGINT NOT NULL,
    PRIMARY KEY (who, one_use_key)
);
CREATE INDEX idempotency_keys_made ON idempotency_keys (who, made_at);
CREATE INDEX idempotency_keys_ends ON idempotency_keys (ends);

-- Replaced by it; what it held counted for ten minutes.
DROP TABLE form_keys;
