-- Who may speak for an owner over the 26 messages.

-- Tokens of this epoch and older ones are over, whatever they were given out for: the password was reset, or the owner may not sign in.
ALTER TABLE owners ADD COLUMN reset_epoch BIGINT;

-- Where the legacy window is switched on: the address that signed in speaks for the owner until it ends. Distributed by phone.
CREATE TABLE legacy_windows (
    phone   TEXT /* pg: COLLATE "C" */ NOT NULL,
    address TEXT NOT NULL,
    epoch   BIGINT, -- of the device that signed in; nothing for a browser
    made_at BIGINT NOT NULL,
    ends    BIGINT NOT NULL,
    PRIMARY KEY (phone, address)
);
CREATE INDEX legacy_windows_ends ON legacy_windows (ends);
