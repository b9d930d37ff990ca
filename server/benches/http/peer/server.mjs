// The same two requests as a careful author writes them for Node: `node:http`, `node:crypto` and better-sqlite3 with prepared statements, a process a core.
// Sign 12 verifies the owner's token, reads 20 guards and opens their 40 sealed passwords; QrData finds the bearer token, verifies and decrypts a code and
// stores the scan once. Prints `listening on http://ADDRESS` and, for the bench, tokens and codes go to the file that the first argument names.
import cluster from "node:cluster";
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";

const OWNED = 20, CODES = 200_000, PHONE = "13800000001";
const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString("base64url");
const [directory, keyHex] = process.argv.slice(2);
const key = Buffer.from(keyHex, "hex");

function seal(plain, associated) {
  const nonce = randomBytes(12), cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(associated));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

function unseal(sealed, associated) {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(Buffer.from(associated)).setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8");
}

const sign = (message) => createHmac("sha256", key).update(message).digest();

function jwt(claims) {
  const message = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${message}.${sign(message).toString("base64url")}`;
}

function claimsOf(token) {
  const at = token.lastIndexOf("."), message = token.slice(0, at);
  const given = Buffer.from(token.slice(at + 1), "base64url"), expected = sign(message);
  if (given.length !== expected.length || !timingSafeEqual(given, expected) || !message.startsWith(`${HEADER}.`)) return undefined;
  return JSON.parse(Buffer.from(message.slice(HEADER.length + 1), "base64url").toString());
}

function open() {
  const db = new Database(join(directory, "peer.db"));
  db.pragma("journal_mode = WAL");
  // As durable as what it stands beside: an answer means that the scan is on the disk.
  db.pragma("synchronous = FULL");
  return db;
}

function fill() {
  const db = open();
  db.exec(`CREATE TABLE people (phone TEXT PRIMARY KEY, name TEXT, role TEXT, epoch INTEGER) WITHOUT ROWID;
    CREATE TABLE guards (guard_id TEXT PRIMARY KEY, owner TEXT, name TEXT, location TEXT, comment TEXT, status INTEGER, password1 TEXT, password2 TEXT) WITHOUT ROWID;
    CREATE INDEX guards_owner ON guards (owner, guard_id);
    CREATE TABLE bearers (hash TEXT PRIMARY KEY, person TEXT, ends INTEGER) WITHOUT ROWID;
    CREATE TABLE scans (yid INTEGER, token_id TEXT, cmd TEXT, person TEXT, date TEXT, data TEXT, PRIMARY KEY (yid, token_id)) WITHOUT ROWID;`);
  db.prepare("INSERT INTO people VALUES (?, '张伟', 'owner', 0)").run(PHONE);
  db.prepare("INSERT INTO people VALUES ('01000000002', '김서연', 'staff', 0)").run();
  const guard = db.prepare("INSERT INTO guards VALUES (?, ?, ?, '北京市海淀区中关村大街1号', '', 3, ?, ?)");
  for (let at = 0; at < OWNED; at += 1) {
    const id = `G${String(at).padStart(4, "0")}`;
    guard.run(id, PHONE, `${id}号楼大门`, seal("145125", id), seal("282298", id));
  }
  const bearer = randomBytes(32).toString("base64url");
  db.prepare("INSERT INTO bearers VALUES (?, '01000000002', ?)").run(createHash("sha256").update(bearer).digest("base64url"), Date.now() + 86_400_000);
  const data = JSON.stringify({ serial: 3, jumper: 2, pwd: "48151", saveDate: "2026-05-01T10:00:00.000Z", label: "B3", thingsSq: null });
  const date = new Date().toISOString();
  const codes = Array.from({ length: CODES }, () =>
    jwt({ cmd: "OpenToSave", yid: 1234, date, jti: randomBytes(16).toString("base64url"), v: 1, data: seal(data, `OpenToSave.1234.${date}`) }));
  writeFileSync(join(directory, "entry.json"), JSON.stringify({ owner: jwt({ sub: PHONE, exp: Date.now() / 1000 + 86_400, epoch: 0 }), bearer, codes }));
  db.close();
}

function serve() {
  const db = open();
  const person = db.prepare("SELECT name, role, epoch FROM people WHERE phone = ?");
  const guards = db.prepare("SELECT guard_id, name, location, comment, status, password1, password2 FROM guards WHERE owner = ? ORDER BY guard_id");
  const bearer = db.prepare("SELECT b.person, b.ends, p.role FROM bearers b JOIN people p ON p.phone = b.person WHERE b.hash = ?");
  const scan = db.prepare("INSERT INTO scans VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");

  const sign12 = (body) => {
    const claims = claimsOf(String(body.token));
    const owner = claims && person.get(claims.sub);
    if (!owner || owner.epoch !== claims.epoch || claims.exp < Date.now() / 1000 || claims.sub !== body.ownerPhoneNumber) return { result: 1 };
    return {
      result: 0,
      guards: guards.all(claims.sub).map((row) => ({
        guardName: row.name, guardId: row.guard_id, guardLocation: row.location, guardComment: row.comment, guardStatus: row.status,
        defaultPassword1: unseal(row.password1, row.guard_id), defaultPassword2: unseal(row.password2, row.guard_id),
      })),
    };
  };

  const qrData = (body, headers) => {
    const hash = createHash("sha256").update((headers.authorization ?? "").slice(7)).digest("base64url");
    const known = bearer.get(hash);
    const claims = known && known.ends > Date.now() ? claimsOf(String(body.data)) : undefined;
    if (!claims) return undefined;
    const plain = unseal(claims.data, `${claims.cmd}.${claims.yid}.${claims.date}`);
    const id = createHash("sha256").update(claims.jti).digest("base64url");
    const { changes } = scan.run(claims.yid, id, claims.cmd, known.person, claims.date, seal(plain, id));
    return changes ? { cmd: claims.cmd, yid: claims.yid, date: claims.date, data: JSON.parse(plain) } : undefined;
  };

  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString());
      const answer = request.url === "/v1/sign" ? sign12(body) : qrData(body, request.headers);
      const text = JSON.stringify(answer ?? { error: "refused" });
      response.writeHead(answer ? 200 : 409, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
    });
  });
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
}

if (cluster.isPrimary) {
  fill();
  const workers = Array.from({ length: availableParallelism() }, () => cluster.fork());
  let ready = 0;
  for (const worker of workers) {
    worker.on("message", ({ port }) => {
      ready += 1;
      if (ready === workers.length) console.log(`listening on http://127.0.0.1:${port}`);
    });
  }
} else {
  serve();
}
