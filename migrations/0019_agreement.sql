-- When an owner agreed to be below the superior they have; nothing: not yet, and that superior reads nothing of theirs. Links from before
-- this column were made without asking, so they are asked now.
ALTER TABLE owners ADD COLUMN agreed_at BIGINT;
