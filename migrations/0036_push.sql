-- Web Push. The key pair by which push services know this deployment; few rows.
CREATE TABLE push_keys (
    name    TEXT NOT NULL PRIMARY KEY, -- vapid
    private TEXT NOT NULL,             -- sealed
    made_at BIGINT NOT NULL
);

-- Browsers in which somebody turned notifications on. Distributed by phone.
CREATE TABLE push_subscriptions (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL,
    id      TEXT NOT NULL,   -- SHA-256 of the address
    session TEXT NOT NULL,   -- the session that turned them on or renewed them: its hash
    content TEXT NOT NULL,   -- sealed: address and keys, as the browser gave them
    made_at BIGINT NOT NULL,
    ends    BIGINT NOT NULL, -- unless the browser comes back before
    PRIMARY KEY (phone, id)
);
CREATE INDEX push_subscriptions_id ON push_subscriptions (id);
CREATE INDEX push_subscriptions_ends ON push_subscriptions (ends);

-- What happened to orders and is still to be told to those whom it concerns. Beside the order.
CREATE TABLE push_events (
    things_sq TEXT /* pg: COLLATE "C" */ NOT NULL,
    kind      TEXT NOT NULL,   -- meter-waits, overdue, code-used
    business  TEXT NOT NULL,
    next_at   BIGINT NOT NULL, -- not before this
    ends      BIGINT NOT NULL, -- not worth telling from here on
    PRIMARY KEY (things_sq, kind)
);
CREATE INDEX push_events_next ON push_events (next_at);

-- Messages to browsers that their push services have not taken yet. Beside the person.
CREATE TABLE push_sends (
    phone        TEXT /* pg: COLLATE "C" */ NOT NULL,
    id           TEXT NOT NULL, -- the subscription and the kind: at most one message of a kind waits for a browser
    subscription TEXT NOT NULL,
    kind         TEXT NOT NULL,
    path         TEXT NOT NULL, -- the page that shows it
    tries        BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    ends         BIGINT NOT NULL,
    PRIMARY KEY (phone, id)
);
CREATE INDEX push_sends_next ON push_sends (next_at);
