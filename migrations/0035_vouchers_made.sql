-- The vouchers that people made and that are still good, by the ids of their codes: moving somebody to another business revokes them. Distributed
-- by phone.
CREATE TABLE vouchers_made (
    phone TEXT /* pg: COLLATE "C" */ NOT NULL,
    id    TEXT NOT NULL,   -- the id of the code
    ends  BIGINT NOT NULL, -- the end of the voucher
    PRIMARY KEY (phone, id)
);
CREATE INDEX vouchers_made_ends ON vouchers_made (ends);
