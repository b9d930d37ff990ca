-- Finding orders by any part of their texts, by a table of short terms. Orders are gathered in blocks of 4096; a block is made once, as a whole,
-- and never changed. How many there are stands in settings under 'search'.

-- In which orders of a block a term is, and where. Distributed by block.
CREATE TABLE search_terms (
    block   BIGINT NOT NULL,
    term    TEXT /* pg: COLLATE "C" */ NOT NULL,
    entries BIGINT NOT NULL, -- how many places it is at
    places  TEXT NOT NULL,   -- Base64 of numbers: which order of the block, and where in it
    PRIMARY KEY (block, term)
) /* sqlite: WITHOUT ROWID */;

-- The orders of the blocks, 16 in a row, of each block 256 rows. Distributed by part.
CREATE TABLE search_keys (
    part BIGINT NOT NULL PRIMARY KEY, -- counted over all blocks
    keys TEXT NOT NULL                -- things_sq, one a line
) /* sqlite: WITHOUT ROWID */;

-- Orders that are in no block yet, added in the same transaction as they. Distributed by things_sq.
CREATE TABLE search_waiting (
    things_sq TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY,
    business  TEXT /* pg: COLLATE "C" */ NOT NULL,
    text      TEXT NOT NULL -- what is searched of the order, folded
) /* sqlite: WITHOUT ROWID */;

-- Orders that were there before this table; they are put into blocks in the background, and are not found until then. Distributed by things_sq.
CREATE TABLE search_backlog (
    things_sq TEXT /* pg: COLLATE "C" */ NOT NULL PRIMARY KEY
) /* sqlite: WITHOUT ROWID */;
INSERT INTO search_backlog (things_sq) SELECT things_sq FROM orders;

INSERT INTO settings (name, value) VALUES ('search', '');
