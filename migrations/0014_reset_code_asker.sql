-- Who asked for a code for a new password: a keyed hash of the caller. Wrong codes of others do not use up the tries of that caller.
ALTER TABLE reset_codes ADD COLUMN asked_by TEXT;
