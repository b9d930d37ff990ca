// What this phone has to send: the shell around the outbox (`app/domain/src/outbox`, as wasm). Each step is stored, encrypted, before anything is done about
// it, so the page may be killed at any moment. Of all open pages one sends; the others tell it.
import init, { Outbox } from "./outbox.js";
import { conflictsDrawn, instead, linesOf, linesOfForm } from "./conflicts.js";
import { asked, decrypt, encrypt, holder, put, show, store, unsentStore } from "./kept.js";
import { forgetDraft } from "./drafts.js";
import { countUnsent, named, person, time } from "./offline.js";

const loaded = init({ module_or_path: new URL("outbox_bg.wasm", import.meta.url) });
const HALF_HOUR = 30 * 60_000;
const ANSWERED_WITHIN = 60_000;
const NOT_YET = "kiosk-not-heard";
// Of another version of the pages than the server: what is sent may be right once the page is a new one.
const OUTDATED = "page-outdated";

const root = document.querySelector("[data-on-this-device]");
const others = new BroadcastChannel("latchkey-unsent");
const wake = new EventTarget();

let owner = "";
let sends = false;
let signedOut = false;
let waitsForOrder = false;

const freshKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Reads what is stored, changes it, and stores it before it answers; throws why that could not be. Nothing is sent but by a step of `step`. */
async function change(act, isStep = false) {
  await loaded;
  return navigator.locks.request("latchkey-unsent", async () => {
    const held = await holder();
    owner ||= person ? await named(person) : held?.owner;
    // Somebody else has signed in on this phone since.
    if (!held || held.owner !== owner) throw new Error("signed-out");
    const db = await unsentStore();
    const record = await asked(store(db, "outbox").get(owner));
    const content = record?.data ? await decrypt(held.key, record) : { scans: [] };
    const outbox = opened(content.outbox);
    try {
      if (!isStep || !sends || signedOut || !navigator.onLine) outbox.step('"offline"', Date.now());
      const before = JSON.stringify(content.scans);
      const result = act(outbox, content.scans);
      const [text, entries] = [outbox.text(), JSON.parse(outbox.entries())];
      if (text !== content.outbox || before !== JSON.stringify(content.scans)) {
        const empty = entries.length === 0 && content.scans.length === 0;
        const next = empty ? {} : await encrypt(held.key, { outbox: text, scans: content.scans });
        await put(db, "outbox", { sealed: record?.sealed, ...next }, owner);
      }
      return { result, entries, scans: content.scans, nextAt: outbox.next_at() };
    } finally {
      outbox.free();
    }
  });
}

function opened(text) {
  try {
    return new Outbox(text);
  } catch (reason) {
    throw new Error(String(reason));
  }
}

/** Says what came of something: by the name of the words in the page. */
function tell(name) {
  const told = root?.querySelector("[data-told]");
  const text = root?.dataset[name];
  if (!told || !text) return;
  told.textContent = text;
  told.className = name === "kept" || name === "scanned" ? "alert alert-success" : "alert alert-error";
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
}

const REASONS = {
  again: "again", damaged: "damaged", full: "full", "key-taken": "again", newer: "newer", "scan-too-old": "scanTooOld", "signed-out": "signedOut",
};
const reasonOf = ({ name, message }) => (name === "QuotaExceededError" ? "full" : REASONS[message] ?? "failed");

/** Takes something in; answers the name of what there is to say. */
async function record(act, done) {
  try {
    const { entries, scans } = await change(act);
    others.postMessage("");
    wake.dispatchEvent(new Event("poke"));
    draw(entries, scans);
    return done;
  } catch (error) {
    return reasonOf(error);
  }
}

async function room() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  // What is on the phone already is not given up where the browser tidies up.
  navigator.storage?.persist?.().catch(() => undefined);
  return quota === undefined ? undefined : Math.max(0, quota - usage);
}

function add(outbox, work, key, free) {
  try {
    outbox.add(JSON.stringify(work), key, Date.now(), free);
  } catch (reason) {
    throw new Error(String(reason));
  }
}

const body = (path, fields, shown) => JSON.stringify({ path, fields, shown });

function depositOf({ code, at, yid }, order) {
  const fields = [["things_sq", order.id], ["code", code], ["scanned_at", at], ["chosen_at", Date.now()]];
  const shown = { kind: "deposit", title: order.title || order.id, text: String(yid) };
  return { kind: "deposit", scannedAt: at, about: `order ${order.id}`, body: body("/do/staff/send-deposit", fields, shown) };
}

function claimsOf(code) {
  try {
    const text = atob(code.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    const { cmd, yid } = JSON.parse(text);
    return Number.isInteger(yid) ? { cmd, yid } : undefined;
  } catch {
    return undefined;
  }
}

const isNoted = (outbox, scans, code) => scans.some((scan) => scan.code === code) || JSON.parse(outbox.entries()).some((entry) => JSON.parse(entry.body).fields.some(([, value]) => value === code));

/** A code that was read, for the order that was chosen first if there was one. Answers the name of what there is to say. */
export async function take(code, order) {
  const { cmd, yid } = claimsOf(code) ?? {};
  const [at, free] = [Date.now(), await room()];
  if (cmd !== "OpenToSave" && cmd !== "SaveToData") return "foreign";
  return record((outbox, scans) => {
    if (isNoted(outbox, scans, code)) throw new Error("again");
    const scan = { code, at, yid };
    if (cmd === "SaveToData") {
      const shown = { kind: "sync", title: String(yid) };
      add(outbox, { kind: "sync", about: `data of ${yid}`, body: body("/do/staff/send-sync", [["code", code], ["scanned_at", at]], shown) }, freshKey(), free);
    } else if (order) {
      add(outbox, depositOf(scan, { id: order }), freshKey(), free);
    } else {
      if (free !== undefined && free < 4 * code.length) throw new Error("full");
      scans.push(scan);
    }
  }, cmd === "OpenToSave" && !order ? "scanned" : "kept");
}

/** The page that shows what is kept, with what there is to say. */
const lead = (name) => location.assign(`/unsent?told=${name}`);

/** The form of the scanner, on the page that stands in for it without network. */
export async function taken(form) {
  const code = form.elements.code.value.trim();
  const told = await take(code, new URLSearchParams(location.search).get("order"));
  if (told !== "foreign") return lead(told);
  const says = document.getElementById("scan-says");
  says.innerHTML = '<p role="alert" class="alert alert-error"></p>';
  says.firstChild.textContent = document.querySelector("[data-scan-page]").dataset.foreign;
}

/** A form of any page that reached nobody. */
export async function later(form, submitter) {
  const data = new FormData(form, submitter?.form === form ? submitter : undefined);
  const [path, key] = [data.get("do"), data.get("once")];
  ["do", "once"].forEach((name) => data.delete(name));
  if (path.endsWith("/read-code")) return lead(await take(data.get("code").trim(), data.get("order")));
  const kind = path.endsWith("/correct-order") ? "correction" : "grant";
  // One of several buttons says what is wanted; that a correction is saved goes without saying.
  const act = kind === "grant" ? submitter?.textContent.trim() : undefined;
  const shown = { title: document.querySelector("h1").textContent, act, lines: linesOfForm(form) };
  const work = { kind, about: location.pathname, body: body(path, [...data], shown) };
  const free = await room();
  const told = await record((outbox) => add(outbox, work, key || freshKey(), free), "kept");
  if (told !== "kept") return refuseIn(form, told);
  forgetDraft(form);
  lead(told);
}

// What was not recorded stays in its form, with why. The words are on the page that stands in for others, which is on this phone.
async function refuseIn(form, told) {
  const page = await caches.match("/offline", { ignoreVary: true });
  const parsed = new DOMParser().parseFromString((await page?.text()) ?? "", "text/html");
  const text = parsed.querySelector("[data-on-this-device]")?.dataset[told];
  const place = (document.getElementById(form.dataset.says) ?? form).querySelector("[data-testid=refusal] :is(p, [data-case])");
  if (!text || !place) return lead(told);
  place.textContent = text;
  place.closest("[data-testid=refusal]").focus();
}

/** The order of the newest scan that waits for one. */
async function choose(order) {
  const free = await room();
  tell(await record((outbox, scans) => {
    const scan = scans.findLast(({ at }) => Date.now() - at <= HALF_HOUR);
    if (!scan) throw new Error("scan-too-old");
    add(outbox, depositOf(scan, order), freshKey(), free);
    scans.splice(scans.indexOf(scan), 1);
  }, "kept"));
}

async function request(path, fields) {
  return fetch(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(ANSWERED_WITHIN),
  });
}

async function answerOf(response) {
  if (response.ok) return "done";
  if (response.status === 401) return "signed-out";
  const waitMs = Number(response.headers.get("retry-after")) * 1_000 || null;
  if (response.status >= 500 || response.status === 429) return { failed: { waitMs } };
  const refused = await response.json().catch(() => undefined);
  if (!refused || refused.code === OUTDATED) return { failed: { waitMs } };
  if (refused.code === NOT_YET) return { "not-yet": { reason: refused.code } };
  const fields = refused.fields ?? [];
  const values = Object.fromEntries(fields.filter(({ now }) => now !== undefined).map(({ field, now }) => [field, now]));
  return { refused: { reason: refused.code || String(response.status), theirs: refused.words || fields.map(({ words }) => words).join("\n"), values } };
}

let syncs = 0;
async function send(entry) {
  const { path, fields } = JSON.parse(entry.body);
  const before = syncs;
  const answer = await request(path, [...fields, ["once", entry.key]]).then(answerOf).catch(() => "lost");
  if (answer === "signed-out") signedOut = true;
  if (entry.kind === "sync" && answer === "done") syncs += 1;
  await step({ answered: { key: entry.key, answer } });
  // What the server could not decide yet may have been in the data that it got meanwhile.
  if (answer["not-yet"] && syncs > before) await step("online");
}

async function ask(entry) {
  const { fields } = JSON.parse(entry.body);
  let done = "not-done";
  if (entry.kind === "deposit") {
    const named = fields.filter(([name]) => name === "things_sq" || name === "code");
    done = await request("/do/staff/ask-deposit", named)
      .then(async (response) => (response.ok ? ((await response.json()) ? "done" : "not-done") : "not-asked"))
      .catch(() => "not-asked");
  }
  await step({ told: { key: entry.key, done } });
}

let timer;
function pokeIn(millis) {
  clearTimeout(timer);
  if (navigator.onLine) timer = setTimeout(() => wake.dispatchEvent(new Event("poke")), Math.min(Math.max(millis, 2_000), 60_000));
}

async function step(input) {
  let changed;
  try {
    changed = await change((outbox) => JSON.parse(outbox.step(JSON.stringify(input), Date.now())), true);
  } catch (error) {
    // What could not be stored is not acted on: the same is done again later.
    sends &&= error.message !== "signed-out";
    if (sends) pokeIn(5_000);
    tell(reasonOf(error));
    return;
  }
  const { result, entries, scans, nextAt } = changed;
  draw(entries, scans);
  if (nextAt !== undefined) pokeIn(nextAt - Date.now());
  if (result.length) others.postMessage("");
  if (entries.length === 0 && result.some(({ confirmed }) => confirmed) && localStorage.getItem("push")) {
    navigator.serviceWorker.controller?.postMessage({ notice: { kind: "outbox-sent", path: "/unsent" } });
  }
  const entryOf = (key) => entries.find((entry) => entry.key === key);
  for (const effect of result) {
    if (effect.send) void send(entryOf(effect.send));
    if (effect.ask) void ask(entryOf(effect.ask));
  }
}

// As long as this page lives, one step after the other.
async function sendAll() {
  sends = true;
  await step("started");
  wake.addEventListener("poke", () => void step("tick"));
  addEventListener("online", () => void step("online"));
  addEventListener("offline", () => void step("offline"));
}

function drawList(name, items, fill) {
  const section = root.querySelector(`[data-${name}]`);
  const [list, template] = [section.querySelector("ul"), section.querySelector("template")];
  list.replaceChildren(...items.map((item) => {
    const row = template.content.cloneNode(true);
    const texts = fill(item, section.dataset, row);
    for (const [part, text] of Object.entries(texts)) {
      const place = row.querySelector(`[data-part=${part}]`);
      place.textContent = text;
      place.hidden = !text;
    }
    return row;
  }));
  section.hidden = items.length === 0;
}

const kioskName = (yid) => root.querySelector(`[data-kiosk-no="${CSS.escape(yid)}"]`)?.dataset.kioskName ?? yid;

function textsOf(entry) {
  const { shown } = JSON.parse(entry.body);
  const { sync, deposit } = root.dataset;
  if (shown.kind === "sync") return { title: sync.replace("#count", shown.title), text: "" };
  if (shown.kind === "deposit") return { title: `${deposit}: ${shown.title}`, text: kioskName(shown.text) };
  const lines = linesOf(entry).map(([, label, value]) => (value ? `${label}: ${value}` : label));
  return { title: shown.title, text: [shown.act, ...lines].filter(Boolean).join("\n") };
}

const decide = (entry, decision) => record((outbox) => {
  outbox.step(JSON.stringify({ decided: { key: entry.key, decision } }), Date.now());
}, "");

function draw(entries, scans) {
  countUnsent(owner, entries.length);
  if (!root) return;
  waitsForOrder = scans.some(({ at }) => Date.now() - at <= HALF_HOUR);
  const nothing = document.querySelector("[data-nothing]");
  nothing.hidden = entries.length + scans.length > 0;
  drawList("scans", scans, (scan, say, row) => {
    row.querySelector("[data-do=forget]").addEventListener("click", () => record((_, all) => all.splice(all.findIndex(({ code }) => code === scan.code), 1), ""));
    const until = scan.at + HALF_HOUR;
    const text = (Date.now() > until ? say.old : say.what).replace("#time", time(scan.at)).replace("#until", time(until));
    return { title: kioskName(scan.yid), text };
  });
  drawConflicts(entries.filter(({ state }) => state.conflict));
  drawList("waiting", entries.filter(({ state }) => !state.conflict), (entry, say) => {
    const state = signedOut ? say.signIn : entry.state.sent ? say.sent : entry.notYet ? say.notYet : say.waits;
    return { ...textsOf(entry), at: say.at.replace("#time", time(entry.madeAt)), state };
  });
  const noted = new Set(entries.map(({ about }) => about));
  for (const row of root.querySelectorAll("[data-order]")) row.parentElement.hidden = noted.has(`order ${row.dataset.order}`);
}

// Not again while nothing changed: somebody may be choosing.
let drawn = "";
function drawConflicts(conflicts) {
  const now = JSON.stringify(conflicts);
  if (now === drawn) return;
  drawn = now;
  drawList("conflicts", conflicts, (entry, say, row) => {
    const { reason, theirs, values } = entry.state.conflict;
    const choices = conflictsDrawn(entry, row);
    const decision = () => (values ? { instead: { key: freshKey(), body: instead(entry, choices.chosen()) } } : "again");
    row.querySelector("[data-do=again]").addEventListener("click", () => decide(entry, decision()));
    row.querySelector("[data-do=discard]").addEventListener("click", () => decide(entry, "discard"));
    const told = say[reason] ?? theirs ?? reason;
    return { ...textsOf(entry), at: time(entry.madeAt), theirs: [told, ...choices.others].join("\n") };
  });
}

// The list of the round: found by typing, and a tap is the order of what was scanned.
function round() {
  for (const label of root.querySelectorAll("[data-filter-of]")) label.hidden = false;
  root.addEventListener("input", ({ target }) => {
    if (!("filter" in target.dataset)) return;
    const wanted = target.value.trim().toLowerCase();
    for (const row of root.querySelectorAll("[data-order]")) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  root.addEventListener("click", (event) => {
    const row = event.target.closest("[data-order]");
    if (!row || !waitsForOrder) return;
    event.preventDefault();
    void choose({ id: row.dataset.order, title: row.dataset.orderTitle });
  });
}

let started;
/** Shows what there is, and sends it where somebody is signed in. */
export function start() {
  started ??= (async () => {
    if (root) {
      await show(root);
      const held = await holder();
      root.querySelector("[data-for-staff]").hidden = held?.role !== "staff";
      round();
      const here = new URL(location.href);
      const told = here.searchParams.get("told");
      if (told) tell(told);
      here.searchParams.delete("told");
      history.replaceState(history.state, "", here);
    }
    others.onmessage = () => (sends ? step("tick") : change(() => undefined).then(({ entries, scans }) => draw(entries, scans)));
    try {
      const { entries, scans } = await change(() => undefined);
      draw(entries, scans);
    } catch (error) {
      if (root && error.message !== "signed-out") tell(reasonOf(error));
      return;
    }
    // Not before the page before has let go of it: that is how no two send.
    if (person) void navigator.locks.request("latchkey-unsent-sender", () => sendAll().then(() => new Promise(() => undefined)));
  })();
  return started;
}
