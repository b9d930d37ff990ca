DELETE FROM businesses WHERE name = $1
-- next
DELETE FROM enrolments WHERE code_hash = $1 AND expires > $2 AND expires <= $3 RETURNING yid
-- next
DELETE FROM idempotency_keys WHERE who = $1 AND made_at <
                 (SELECT made_at FROM idempotency_keys WHERE who = $1 ORDER BY made_at DESC LIMIT 1 OFFSET $2)
-- next
DELETE FROM juniors WHERE superior = $1 AND junior = $2
-- next
DELETE FROM kiosk_tokens WHERE yid = $1
-- next
DELETE FROM kiosk_tokens WHERE yid = $1 AND id = $2
-- next
DELETE FROM limits WHERE what = $1
-- next
DELETE FROM nodes WHERE name = $1 AND (stopped_at IS NOT NULL OR seen_at - CASE
             WHEN clock_offset_ms BETWEEN -CAST($3 AS BIGINT) AND CAST($3 AS BIGINT) THEN clock_offset_ms ELSE 0 END <= $2)
-- next
DELETE FROM notifications WHERE phone = $1 AND id = $2
-- next
DELETE FROM notifications WHERE phone = $1 AND kind = $2
-- next
DELETE FROM owner_guards WHERE owner = $1 AND guard_id = $2
-- next
DELETE FROM person_tokens WHERE phone = $1
-- next
DELETE FROM person_tokens WHERE phone = $1 AND id = $2
-- next
DELETE FROM sessions WHERE id = $1 AND phone = $2
-- next
DELETE FROM sessions WHERE id = $1 RETURNING phone
-- next
DELETE FROM sessions WHERE phone = $1
-- next
DELETE FROM settings WHERE name = $1
-- next
DELETE FROM shown_secrets WHERE phone = $1 AND about = $2
-- next
INSERT INTO businesses (name, added_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
-- next
INSERT INTO businesses (name, added_at, retired_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING
-- next
INSERT INTO card_views (owner, id, guard_id, service_numb, who, at) VALUES ($1, $2, $3, $4, $5, $6)
-- next
INSERT INTO changes (about, id, at, what, who, detail) VALUES ($1, $2, $3, $4, $5, $6)
-- next
INSERT INTO enrolments (yid, code_hash, tries, expires) VALUES ($1, $2, 0, $3)
             ON CONFLICT (yid) DO UPDATE SET code_hash = excluded.code_hash, tries = 0, expires = excluded.expires
-- next
INSERT INTO grants (guard_id, service_numb, kind, content, starts, ends, version, added_at, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (guard_id, kind, service_numb) DO NOTHING
-- next
INSERT INTO idempotency_keys (who, one_use_key, result, made_at, ends) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (who, one_use_key) DO UPDATE SET result = excluded.result, made_at = excluded.made_at, ends = excluded.ends
             WHERE idempotency_keys.ends <= $4
-- next
INSERT INTO juniors (superior, junior, added_at) VALUES ($1, $2, $3)
-- next
INSERT INTO kiosk_tokens (yid, id, made_at) VALUES ($1, $2, $3)
-- next
INSERT INTO kiosks (yid, name, address, secret, legacy, overdue_days, clock_offset_ms, acked_seq, applied_date, added_at)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7) ON CONFLICT (yid) DO NOTHING
-- next
INSERT INTO legacy_windows (phone, address, epoch, made_at, ends) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (phone, address) DO UPDATE SET epoch = excluded.epoch, made_at = excluded.made_at, ends = excluded.ends
-- next
INSERT INTO limits (what, tries, ends) VALUES ($1, 1, $2)
         ON CONFLICT (what) DO UPDATE SET
             tries = CASE WHEN limits.ends <= $3 OR limits.ends > $4 THEN 1 ELSE limits.tries + 1 END,
             ends = CASE WHEN limits.ends <= $3 OR limits.ends > $4 THEN excluded.ends ELSE limits.ends END
         RETURNING tries, ends
-- next
INSERT INTO nodes (name, host, weight, state, run, started_at, seen_at, guards, clock_offset_ms)
         VALUES ($1, $2, $3, 'live', $4, $5, $5, 0, $6)
         ON CONFLICT (name) DO UPDATE SET host = excluded.host, weight = excluded.weight, run = excluded.run,
             started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL, guards = 0,
             clock_offset_ms = excluded.clock_offset_ms
-- next
INSERT INTO notifications (phone, id, kind, body, tries, next_at) VALUES ($1, $2, $3, $4, 0, $5)
-- next
INSERT INTO owner_guards (owner, guard_id) VALUES ($1, $2) ON CONFLICT (owner, guard_id) DO NOTHING
-- next
INSERT INTO owners (phone, imei, epoch, ended_epoch, grade) VALUES ($1, '', 1, 0, 0)
-- next
INSERT INTO ownerships (guard_id, since, owner) VALUES ($1, $2, $3)
         ON CONFLICT (guard_id, since) DO UPDATE SET owner = excluded.owner, until = NULL
-- next
INSERT INTO people (phone, name, role, business, password_hash, active, added_at)
         VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (phone) DO NOTHING
-- next
INSERT INTO person_tokens (phone, id, expires) VALUES ($1, $2, $3)
-- next
INSERT INTO search_waiting (things_sq, business, text) VALUES ($1, $2, $3)
         ON CONFLICT (things_sq) DO UPDATE SET business = excluded.business, text = excluded.text
-- next
INSERT INTO sessions (id, phone, data, expires) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING
-- next
INSERT INTO setting_changes (id, at, who, setting, before, after) VALUES ($1, $2, $3, $4, $5, $6)
-- next
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
-- next
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
-- next
INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value
-- next
INSERT INTO settings (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO NOTHING
-- next
INSERT INTO settings (name, value) VALUES ('set-up', $1) ON CONFLICT (name) DO NOTHING
-- next
INSERT INTO shown_secrets (phone, about, content, ends) VALUES ($1, $2, $3, $4)
         ON CONFLICT (phone, about) DO UPDATE SET content = excluded.content, ends = excluded.ends
-- next
INSERT INTO upload_parts (phone, id, part, content, ends) VALUES ($1, $2, $3, $4, $5)
-- next
INSERT INTO uploads (phone, id, kind, name, encoding, row_count, done, added, updated, made_at, ends)
         VALUES ($1, $2, $3, $4, '', 0, 0, 0, 0, $5, $6)
-- next
SELECT 1 FROM businesses WHERE name = $1 AND retired_at IS NOT NULL
-- next
SELECT 1 FROM compartments WHERE yid = $1 AND (things_sq IS NOT NULL OR kind IS NOT NULL) LIMIT 1
-- next
SELECT 1 FROM grants WHERE guard_id = $1 AND service_numb = $2 AND kind = $3 AND added_by = $4
-- next
SELECT 1 FROM people WHERE role = 'operator' LIMIT 1
-- next
SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)
-- next
SELECT agreed_at FROM owners WHERE phone = $1 AND superior = $2
-- next
SELECT at / 900000 AS quarter, what, count(*) AS number FROM evidence
             WHERE what <> 'received' AND what <> 'ready' AND id >= $1 AND id < $2 GROUP BY at / 900000, what
-- next
SELECT at FROM evidence WHERE things_sq = $1 AND what = $2 AND source = $3 AND yid = $4 AND jumper = $5 AND serial = $6
                 LIMIT 1
-- next
SELECT at FROM evidence WHERE things_sq = $1 AND what = $2 AND who = $3 AND at > $4 AND at <= $5 ORDER BY id DESC LIMIT 1
-- next
SELECT at FROM evidence WHERE things_sq = $1 AND yid = $2 LIMIT 1
-- next
SELECT at, who, setting, before, after FROM setting_changes ORDER BY id DESC LIMIT $1
-- next
SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass
-- next
SELECT c.things_sq, c.yid, c.label, k.overdue_days FROM compartments c JOIN kiosks k ON k.yid = c.yid
         WHERE c.status = 'A' AND c.things_sq IS NOT NULL
-- next
SELECT content FROM shown_secrets WHERE phone = $1 AND about = $2 AND ends > $3
-- next
SELECT content FROM upload_parts WHERE phone = $1 AND id = $2 ORDER BY part
-- next
SELECT count(*) FROM grants WHERE guard_id = $1 AND ends > $2 AND cancelled_at IS NULL
-- next
SELECT count(*) FROM juniors WHERE superior = $1
-- next
SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)
-- next
SELECT count(*) FROM presence WHERE connected = 1 AND status = $1 AND seen_at > $2
-- next
SELECT count(*) FROM settings
-- next
SELECT count(*) FROM settings WHERE name = $1
-- next
SELECT count(*) FROM settings WHERE value <> ''
-- next
SELECT customer_name, status, yid FROM orders WHERE customer_no = $1 ORDER BY things_sq LIMIT $2
-- next
SELECT customer_name, status, yid FROM orders WHERE things_sq = $1
-- next
SELECT epoch FROM legacy_windows WHERE phone = $1 AND address = $2 AND ends > $3
-- next
SELECT expires FROM enrolments WHERE yid = $1 AND expires > $2 AND expires <= $3
-- next
SELECT expires FROM sessions WHERE phone = $1 AND expires > $2 ORDER BY expires DESC
-- next
SELECT file FROM pragma_database_list WHERE name = 'main'
-- next
SELECT guard_id FROM owner_guards WHERE owner = $1
-- next
SELECT guard_id FROM owner_guards WHERE owner = $1 ORDER BY guard_id
-- next
SELECT guard_id, owner FROM guards WHERE guard_id > $1 ORDER BY guard_id LIMIT $2
-- next
SELECT id, at, what, who, detail FROM changes WHERE about = $1 ORDER BY id DESC LIMIT $2
-- next
SELECT id, data, expires FROM sessions WHERE phone = $1 AND expires > $2 ORDER BY expires DESC LIMIT $3
-- next
SELECT imei, superseded_at FROM owners WHERE phone = $1
-- next
SELECT jumper, serial FROM compartments WHERE yid = $1 ORDER BY jumper, serial
-- next
SELECT jumper, serial, things_sq FROM compartments
         WHERE yid = $1 AND kind = 'deposit' AND things_sq IS NOT NULL ORDER BY jumper, serial
-- next
SELECT jumper, serial, wanted FROM compartments WHERE yid = $1 AND wanted IS NOT NULL ORDER BY jumper, serial
-- next
SELECT junior FROM juniors WHERE superior = $1
-- next
SELECT label FROM compartments WHERE yid = $1 AND jumper = $2 AND serial = $3
-- next
SELECT made_at FROM kiosk_tokens WHERE yid = $1 LIMIT 1
-- next
SELECT max(version) FROM _sqlx_migrations
-- next
SELECT name FROM businesses ORDER BY name
-- next
SELECT name FROM businesses ORDER BY name LIMIT $1
-- next
SELECT name FROM businesses WHERE retired_at IS NULL ORDER BY name
-- next
SELECT name, host, weight, state, run, started_at, seen_at, stopped_at, guards, clock_offset_ms FROM nodes ORDER BY name
-- next
SELECT name, host, weight, state, seen_at, stopped_at, clock_offset_ms FROM nodes ORDER BY name
-- next
SELECT name, retired_at FROM businesses WHERE name = $1
-- next
SELECT name, retired_at FROM businesses WHERE name > $1 AND lower(name) LIKE $2 ESCAPE '\' ORDER BY name LIMIT $3
-- next
SELECT node FROM guards WHERE guard_id = $1 AND connected_at IS NOT NULL
-- next
SELECT node FROM owners WHERE phone = $1
-- next
SELECT overdue_days FROM kiosks WHERE yid = $1
-- next
SELECT overdue_days, pin_hash FROM kiosks WHERE yid = $1
-- next
SELECT owned_since FROM guards WHERE guard_id = $1 AND owner = $2
-- next
SELECT owner FROM guards WHERE guard_id = $1
-- next
SELECT owner FROM ownerships WHERE guard_id = $1 AND since <= $2 AND (until IS NULL OR until > $2)
         ORDER BY since DESC LIMIT 1
-- next
SELECT p.phone, p.name, p.role, p.business, p.active,
                    o.imei, o.grade, o.epoch, o.ended_epoch, o.reset_epoch, o.superseded_at
             FROM people p JOIN owners o ON o.phone = p.phone WHERE p.phone = $1
-- next
SELECT p.phone, p.name, p.role, p.business, p.active, t.expires
             FROM person_tokens t JOIN people p ON p.phone = t.phone
             WHERE t.phone = $1 AND t.id = $2 AND t.expires > $3 AND p.active = 1
-- next
SELECT pg_notify($1, $2)
-- next
SELECT phone FROM people
-- next
SELECT phone, data, expires FROM sessions WHERE id = $1 AND expires > $2
-- next
SELECT phone, name, role, business, active FROM people
         WHERE phone > $1 AND ($2 = '' OR role || '' = $2) ORDER BY phone LIMIT $3
-- next
SELECT phone, name, role, business, active FROM people WHERE phone = $1
-- next
SELECT phone, name, role, business, active, password_hash FROM people WHERE phone = $1
-- next
SELECT reassigned_at, reassigned_by FROM people WHERE phone = $1
-- next
SELECT result FROM idempotency_keys WHERE who = $1 AND one_use_key = $2 AND ends > $3
-- next
SELECT retired_at, added_at FROM businesses WHERE name = $1
-- next
SELECT role FROM people WHERE phone = $1
-- next
SELECT run FROM nodes WHERE name = $1
-- next
SELECT seq, at, kind, jumper, serial, things_sq, actor, detail FROM events
         WHERE yid = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3
-- next
SELECT status, count(*) AS orders FROM orders GROUP BY status
-- next
SELECT status, count(*) AS orders FROM orders WHERE business = $1 GROUP BY status
-- next
SELECT superior, agreed_at FROM owners WHERE phone = $1
-- next
SELECT superior, grade FROM owners WHERE phone = $1
-- next
SELECT things_sq FROM orders WHERE business = $1 ORDER BY customer_no, things_sq LIMIT $2
-- next
SELECT things_sq, business, status, yid FROM orders WHERE things_sq = $1
-- next
SELECT things_sq, business, status, yid FROM orders WHERE yid = $1 AND jumper = $2 AND serial = $3
                 AND stored_at <= $4 AND (done_at IS NULL OR done_at >= $5) ORDER BY stored_at DESC LIMIT 1
-- next
SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE business = $1 AND id < $2 ORDER BY id DESC LIMIT $3
-- next
SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE things_sq = $1 ORDER BY id LIMIT $2
-- next
SELECT things_sq, id, at, what, yid, jumper, serial, label, who, source, detail
         FROM evidence WHERE what <> 'received' AND what <> 'ready' ORDER BY id DESC LIMIT $1
-- next
SELECT things_sq, yid, jumper, serial FROM compartments WHERE things_sq IS NOT NULL
-- next
SELECT tries, ends FROM limits WHERE what = $1
-- next
SELECT value FROM settings WHERE name = $1
-- next
SELECT weight FROM nodes WHERE name = $1
-- next
SELECT yid FROM enrolments WHERE code_hash = $1
-- next
SELECT yid FROM kiosk_tokens WHERE yid = $1 AND id = $2
-- next
SELECT yid FROM kiosks WHERE yid = $1 AND retired_at IS NULL
-- next
SELECT yid FROM scans WHERE yid = $1 AND token_id = $2 AND done_at IS NOT NULL
-- next
SELECT yid, status, count(*) AS number FROM compartments GROUP BY yid, status
-- next
UPDATE businesses SET retired_at = $2 WHERE name = $1
-- next
UPDATE compartments SET heard_at = $2 WHERE yid = $1
-- next
UPDATE compartments SET heard_at = $4 WHERE yid = $1 AND jumper = $2 AND serial = $3
-- next
UPDATE compartments SET label = $4, size = $5, wanted = CASE WHEN status = $6 THEN wanted ELSE $6 END, status = $6
         WHERE yid = $1 AND jumper = $2 AND serial = $3
-- next
UPDATE compartments SET state_at = $2 WHERE yid = $1 AND state_at > $2
-- next
UPDATE compartments SET status = 'A', kind = $4, save_date = $5, pwd = $6
             WHERE yid = $1 AND jumper = $2 AND serial = $3 AND status = 'B' AND things_sq IS NULL
-- next
UPDATE compartments SET status = 'A', kind = $4, things_sq = $5, save_date = $6, pwd = $7, state_at = $8, heard_at = $9, unknown_since
             = NULL
             WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq IS NULL
-- next
UPDATE compartments SET things_sq = $2 WHERE things_sq = $1 AND yid = $3 AND jumper = $4 AND serial = $5
-- next
UPDATE compartments SET things_sq = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq = $4
-- next
UPDATE compartments SET things_sq = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3 AND things_sq = $4 AND status = 'A'
-- next
UPDATE compartments SET unknown_since = COALESCE(unknown_since, heard_at, $2),
             status = CASE WHEN status = 'B' THEN 'D' ELSE status END
         WHERE yid = $1 AND status <> 'C' AND status <> 'X'
-- next
UPDATE compartments SET unknown_since = NULL WHERE yid = $1 AND jumper = $2 AND serial = $3
-- next
UPDATE grants SET cancelled_at = $3, version = $2 WHERE guard_id = $1 AND cancelled_at IS NULL AND ends > $3
-- next
UPDATE grants SET cancelled_at = $4, version = $5
         WHERE guard_id = $1 AND service_numb = $2 AND kind = $3 AND cancelled_at IS NULL
-- next
UPDATE guards SET device_key = $2 WHERE guard_id = $1
-- next
UPDATE guards SET name = $3, location = $4, comment = $5 WHERE guard_id = $1 AND owner = $2
-- next
UPDATE guards SET op_code = $2, firmware = $3, connected_at = COALESCE(connected_at, $4) WHERE guard_id = $1
-- next
UPDATE guards SET owner = $3, owned_since = $4, name = $5, location = $6, comment = $7, default_password1 = $8,
             default_password2 = $9, version = version + 1, settings_version = version + 1
             WHERE guard_id = $1 AND op_code = $2 AND owner IS NULL
-- next
UPDATE guards SET owner = NULL, owned_since = NULL, name = '', location = '', comment = '',
             default_password1 = NULL, default_password2 = NULL, version = version + 1, settings_version = version + 1
         WHERE guard_id = $1 AND owner = $2 AND owned_since = $3 RETURNING version
-- next
UPDATE guards SET version = version + 1 WHERE guard_id = $1 AND owner = $2 RETURNING version
-- next
UPDATE kiosks SET acked_seq = $2 WHERE yid = $1
-- next
UPDATE kiosks SET applied_date = $2 WHERE yid = $1
-- next
UPDATE kiosks SET clock_offset_ms = $2 WHERE yid = $1
-- next
UPDATE kiosks SET heard_at = $2 WHERE yid = $1 RETURNING acked_seq, enrolled_at, added_at
-- next
UPDATE kiosks SET heard_at = CASE WHEN $2 = 1 THEN $3 ELSE heard_at END WHERE yid = $1 RETURNING applied_date
-- next
UPDATE kiosks SET name = $2, address = $3 WHERE yid = $1 AND name = $4 AND address = $5
-- next
UPDATE kiosks SET overdue_days = $2 WHERE yid = $1
-- next
UPDATE kiosks SET pin_hash = $2 WHERE yid = $1
-- next
UPDATE kiosks SET secret = $2, legacy = $4, enrolled_at = $3, heard_at = $3,
             applied_date = CASE WHEN applied_date > $3 THEN $3 ELSE applied_date END
         WHERE yid = $1 RETURNING name, address, pin_hash, overdue_days, acked_seq
-- next
UPDATE kiosks SET wiring = $2, wiring_revision = COALESCE(wiring_revision, 0) + 1
             WHERE yid = $1 AND COALESCE(wiring_revision, 0) = $3
-- next
UPDATE kiosks SET wiring = $2, wiring_revision = COALESCE(wiring_revision, 0) + 1 WHERE yid = $1
-- next
UPDATE nodes SET seen_at = $3, guards = $4, clock_offset_ms = $5
         WHERE name = $1 AND run = $2 AND stopped_at IS NULL RETURNING state
-- next
UPDATE nodes SET state = $2 WHERE name = $1
-- next
UPDATE nodes SET stopped_at = $3, guards = 0 WHERE name = $1 AND run = $2
-- next
UPDATE notifications SET next_at = $4, tries = $5 WHERE phone = $1 AND id = $2 AND next_at = $3
-- next
UPDATE orders SET status = 'B', yid = NULL, jumper = NULL, serial = NULL, label = NULL, stored_at = NULL, stored_by = NULL
             WHERE things_sq = $1 AND status = 'C' AND stored_by = $2 AND stored_at >= $3
-- next
UPDATE orders SET status = 'C', yid = $2, jumper = $3, serial = $4, label = $5, stored_at = $6, stored_by = $7
             WHERE things_sq = $1 AND status = 'B'
-- next
UPDATE orders SET stored_by = $2 WHERE things_sq = $1 AND stored_by IS NULL
-- next
UPDATE owners SET agreed_at = $2 WHERE phone = $1
-- next
UPDATE owners SET ended_epoch = $2 WHERE phone = $1 AND ended_epoch < $2
-- next
UPDATE owners SET epoch = epoch WHERE phone = $1
-- next
UPDATE owners SET epoch = epoch WHERE phone = $1 RETURNING imei, epoch, grade
-- next
UPDATE owners SET grade = $2 WHERE phone = $1
-- next
UPDATE owners SET imei = $2, epoch = $3, superseded_at = $4 WHERE phone = $1
-- next
UPDATE owners SET imei = $2, node = $3 WHERE phone = $1 RETURNING epoch
-- next
UPDATE owners SET superior = $2, agreed_at = NULL WHERE phone = $1
-- next
UPDATE ownerships SET until = $3 WHERE guard_id = $1 AND since = $2
-- next
UPDATE people SET business = $2 WHERE business = $1 RETURNING phone
-- next
UPDATE people SET name = $2 WHERE phone = $1
-- next
UPDATE people SET name = $2, role = $3, business = $4, password_hash = $5, active = 1, added_at = $6, reassigned_at = $6,
             reassigned_by = $7
             WHERE phone = $1 AND role = 'owner'
-- next
UPDATE people SET password_hash = $2 WHERE phone = $1
-- next
UPDATE presence SET acked_version = 0, acked_at = NULL WHERE acked_version <> 0
-- next
UPDATE scans SET done_at = $3 WHERE yid = $1 AND token_id = $2 AND done_at IS NULL
-- next
UPDATE scans SET done_at = NULL WHERE yid = $1 AND token_id = $2 AND done_at >= $3
-- next
UPDATE sessions SET expires = $3 WHERE id = $1 AND data = $2
-- next
UPDATE sessions SET phone = $2, data = $3, expires = $4 WHERE id = $1
-- next
UPDATE settings SET value = $2 WHERE name = $1 AND value <> $2
-- next
UPDATE settings SET value = $2 WHERE name = $1 AND value = $3
-- next
UPDATE settings SET value = $3 WHERE name = $1 AND value = $2
-- next
UPDATE settings SET value = value WHERE name = 'forest'
-- next
UPDATE uploads SET done = $5, added = added + $6, updated = updated + $7 WHERE phone = $1 AND id = $2 AND done = $3 AND begun_at = $4
-- next
UPDATE uploads SET encoding = $3, row_count = $4, done = 0, begun_at = $5 WHERE phone = $1 AND id = $2
-- next
VACUUM INTO $1
