// Keeps what a page shows for when this phone has no network, and shows it then. It is encrypted with a key that the browser does not read out, which
// the server gives to each person for each phone (`app/src/functions/unsent.rs`). All of it goes after a week, when its person signs out, and when
// somebody else signs in.
import { named, person, time, words } from "./offline.js";

const NAME = "latchkey-offline";
const UNSENT = "latchkey-unsent";
const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;
// Pages of guards that are fetched at once for later, and the address of one.
const AHEAD = 20;
const GUARD = /^\/owner\/guards\/[^/]+$/;

export const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = request.onblocked = () => failed(request.error);
});

const opened = new Map();
function open(name, version, upgrade) {
  if (!opened.has(name)) {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => upgrade(request.result);
    opened.set(name, asked(request).then((db) => {
      // It is to be removed: nothing here stands in the way.
      db.onversionchange = () => {
        db.close();
        opened.delete(name);
      };
      return db;
    }));
  }
  return opened.get(name);
}

const offlineStore = () => open(NAME, 2, (db) => {
  for (const old of [...db.objectStoreNames]) db.deleteObjectStore(old);
  ["key", "kept"].forEach((name) => db.createObjectStore(name));
});

/** What is not sent, of each person under their name on this phone. It outlives the sign-out, and only its person's key opens it. */
export const unsentStore = () => open(UNSENT, 1, (db) => db.createObjectStore("outbox"));

export const store = (db, name, mode = "readonly") => db.transaction(name, mode, { durability: "strict" }).objectStore(name);

/** Writes one value; done once it is on the disk. */
export function put(db, name, value, at) {
  return new Promise((done, failed) => {
    const objects = store(db, name, "readwrite");
    const { transaction } = objects;
    transaction.oncomplete = () => done();
    transaction.onabort = () => failed(transaction.error ?? new DOMException("aborted", "QuotaExceededError"));
    objects.put(value, at);
  });
}

export async function encrypt(key, content) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(content)));
  return { iv, data };
}

export async function decrypt(key, { iv, data }) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data)));
}

/** Whose phone this is now, with their key. */
export async function holder() {
  return asked(store(await offlineStore(), "key").get("key"));
}

// The key of the person who is signed in; what somebody else kept goes with theirs.
async function keyOfPerson() {
  const [owner, now, known] = [await named(person), Date.now(), await holder()];
  if (known?.owner === owner && now - known.made < WEEK) return known;
  const unsent = await unsentStore();
  const own = await asked(store(unsent, "outbox").get(owner));
  const answer = await fetch("/do/account/open-offline-key", {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ sealed: own?.sealed ?? "" }),
  });
  if (!answer.ok) return undefined;
  const { key: text, sealed } = await answer.json();
  const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  if (own?.sealed !== sealed) {
    // The server no longer opens the key of what was kept before. It is not thrown away.
    if (own?.data) await put(unsent, "outbox", own, `${owner} ${own.sealed}`);
    await put(unsent, "outbox", { sealed }, owner);
  }
  const db = await offlineStore();
  await asked(store(db, "kept", "readwrite").clear());
  const held = { key, owner, role: words.role, made: now };
  await put(db, "key", held, "key");
  return held;
}

async function keep({ key }, id, until, content) {
  await put(await offlineStore(), "kept", { ...(await encrypt(key, content)), until, at: content.at }, id);
}

export async function forget(id) {
  await asked(store(await offlineStore(), "kept", "readwrite").delete(id));
}

// What is good still, by its name; what ended before others first. The others go.
async function good(held) {
  const db = await offlineStore();
  const [ids, all] = [await asked(store(db, "kept").getAllKeys()), await asked(store(db, "kept").getAll())];
  const found = [];
  for (const [at, record] of all.entries()) {
    if (record.until > Date.now() && Date.now() - held.made < WEEK) found.push({ id: ids[at], ...record });
    else await forget(ids[at]);
  }
  return found.sort((one, other) => one.until - other.until);
}

// What of a page can be read without network. Nothing in it is sent, and nothing moves.
function readable(page) {
  const copy = page.querySelector("main").cloneNode(true);
  copy.querySelectorAll("form[method=post], dialog, script, noscript, template, h1, [role=status], [data-banner]").forEach((part) => part.remove());
  copy.querySelectorAll("form").forEach((form) => form.replaceWith(...form.childNodes));
  copy.querySelectorAll("button, input, select, label").forEach((part) => part.remove());
  return { title: page.querySelector("h1").textContent, html: copy.innerHTML };
}

async function keepPage(held, path, page) {
  const at = Number(page.querySelector("script[data-keep-page]")?.dataset.keepPage);
  if (at) await keep(held, path, at + WEEK, { ...readable(page), path, at });
}

// The pages of an owner's guards, so that each is there without having been opened.
async function keepGuards(held) {
  const fresh = new Set((await good(held)).filter(({ at }) => Date.now() - at < HOUR).map(({ id }) => id));
  const links = [...document.querySelectorAll("main a[href]")].map((link) => link.pathname);
  for (const path of [...new Set(links)].filter((one) => GUARD.test(one) && !fresh.has(one)).slice(0, AHEAD)) {
    const answer = await fetch(path).catch(() => undefined);
    if (answer?.ok && !answer.redirected) await keepPage(held, path, new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
}

/** On a page of who is signed in: keeps what is marked to be kept. Answers whether something waits to be sent. */
export async function start() {
  const held = await keyOfPerson();
  if (!held) return false;
  await good(held);
  const section = document.querySelector("[data-keep]");
  if (section) {
    const { keep: id, until, title, asOf } = section.dataset;
    await keep(held, id, Number(until), { html: section.outerHTML, title, path: location.pathname, at: Number(asOf) });
    const notice = document.querySelector("[data-kept]");
    if (notice) notice.hidden = false;
  }
  if (words.keepPage && !location.search) {
    await keepPage(held, location.pathname, document);
    if (location.pathname === "/owner") await keepGuards(held);
  }
  const unsent = await asked(store(await unsentStore(), "outbox").get(held.owner));
  return Boolean(unsent?.data);
}

/** Shows what is kept: the codes, the page of this address, and where the others are. */
export async function show(root) {
  const held = await holder();
  if (!held) return;
  const records = await good(held);
  const contents = await Promise.all(records.map(async (record) => ({ id: record.id, ...(await decrypt(held.key, record)) })));
  const codes = contents.filter(({ title }) => !title);
  const list = root.querySelector("[data-codes]");
  list.hidden = codes.length === 0;
  list.insertAdjacentHTML("beforeend", codes.map(({ html }) => html).join(""));
  // Not those that a version before kept.
  const passable = list.querySelectorAll("[data-token]");
  if (passable.length) import("./pass-on.js").then(({ offer }) => offer(passable)).catch(() => undefined);
  const isHere = ({ id, path }) => path === location.pathname || (id === "round" && held.role === "staff");
  const [here] = contents.filter(({ title }) => title).filter(isHere);
  if (here) {
    const section = root.querySelector("[data-page]");
    const [heading, at, place] = section.children;
    heading.textContent = here.title;
    at.textContent = root.dataset.asOf.replace("#time", time(here.at));
    place.innerHTML = here.html;
    section.hidden = false;
  }
  const others = contents.filter((one) => one.title && one !== here);
  const pages = root.querySelector("[data-pages]");
  pages.hidden = others.length === 0;
  for (const { title, path, at } of others) {
    const [item, link] = [document.createElement("li"), document.createElement("a")];
    link.href = path;
    link.className = "link";
    link.textContent = title;
    item.append(link, ` · ${root.dataset.asOf.replace("#time", time(at))}`);
    pages.querySelector("ul").append(item);
  }
}
