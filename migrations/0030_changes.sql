-- What operators changed of people, businesses and kiosks; rows are only ever added. Distributed by about.
CREATE TABLE changes (
    about  TEXT /* pg: COLLATE "C" */ NOT NULL, -- person/01012345678, business/한빛전기, kiosk/1234
    id     TEXT /* pg: COLLATE "C" */ NOT NULL, -- sorts by when it happened
    at     BIGINT NOT NULL,
    what   TEXT NOT NULL,
    who    TEXT,          -- phone; NULL: at the command line
    detail TEXT NOT NULL, -- JSON of the values before and after
    PRIMARY KEY (about, id)
);

-- Since when nobody orders for a business, and since when no device is a kiosk any more; both keep their history.
ALTER TABLE businesses ADD COLUMN retired_at BIGINT;
ALTER TABLE kiosks ADD COLUMN retired_at BIGINT;
