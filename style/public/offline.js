// For pages of people who are signed in, and those that stand in for them without network (`sw.js`): says so at the top of the page, and loads what
// keeps pages (`kept.js`) and what waits to be sent (`unsent.js`) once the page is there.
import { forgetDrafts } from "./drafts.js";

const script = document.querySelector("script[data-restored]");
export const words = script.dataset;
export const person = words.person ?? "";
const SINCE = "offline-since";
const UNSENT = "unsent ";

/** The hour and minute of a moment; another day's with its date. */
export function time(at) {
  const [then, today] = [new Date(at), new Date()];
  const day = then.toDateString() === today.toDateString() ? {} : { month: "short", day: "numeric" };
  return then.toLocaleString(document.documentElement.lang, { ...day, hour: "2-digit", minute: "2-digit", hour12: false });
}

/** Names a person on this phone without saying who it is. */
export async function named(phone) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(phone));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// How much of whom is not sent; what it is stands in the outbox alone.
export const unsentOf = (owner) => Number(localStorage.getItem(UNSENT + owner));
export function countUnsent(owner, count) {
  if (count) localStorage.setItem(UNSENT + owner, String(count));
  else localStorage.removeItem(UNSENT + owner);
  navigator.setAppBadge?.(count).catch(() => undefined);
  banner(count);
}

let unsent = 0;
/** `offline since 10:32 · 3 not sent` at the top of the page, or nothing. */
export function banner(count = unsent) {
  unsent = count;
  const since = Number(localStorage.getItem(SINCE));
  const parts = [];
  if (since) parts.push(words.since.replace("#time", time(since)));
  if (count) parts.push(words.unsent.replace("#count", count));
  let place = document.querySelector("[data-banner]");
  if (!parts.length) {
    place?.remove();
    return;
  }
  if (!place) {
    place = document.createElement("p");
    Object.assign(place.dataset, { banner: "", testid: "banner" });
    place.setAttribute("role", "status");
    place.className = "alert alert-warning";
    const link = document.createElement("a");
    link.href = "/unsent";
    link.className = "link";
    place.append(link);
    // Over the picture of the scanner, which covers the page.
    (document.querySelector(".scanner-top > div") ?? document.querySelector("main")).prepend(place);
  }
  place.querySelector("a, span").textContent = parts.join(" · ");
}

function offline() {
  if (!localStorage.getItem(SINCE)) localStorage.setItem(SINCE, String(Date.now()));
  banner();
}

function online() {
  localStorage.removeItem(SINCE);
  banner();
}

const kept = () => import("./kept.js");
const outbox = () => import("./unsent.js");

// The network may be there and the server not, and a browser may say that there is one while there is none.
async function openOnceThereIsAServer() {
  const answer = await fetch("/v1/Clock", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) location.reload();
}

async function start() {
  const standsIn = document.querySelector("[data-offline-page], [data-scan-page]");
  if (standsIn) {
    offline();
    // Nobody is disturbed who holds the phone before a code.
    if ("offlinePage" in standsIn.dataset) {
      addEventListener("online", openOnceThereIsAServer);
      setInterval(openOnceThereIsAServer, 5_000);
    }
    return (await outbox()).start();
  }
  if (navigator.onLine) online();
  else offline();
  addEventListener("offline", offline);
  addEventListener("online", online);
  if (!person) return;
  await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const version = /\/pkg\/([^/]+)\//.exec(import.meta.url)?.[1];
  const owner = await named(person);
  const count = unsentOf(owner);
  if (count) banner(count);
  const waits = await kept().then(({ start: keep }) => keep()).catch(() => false);
  if (count || waits || document.querySelector("[data-on-this-device]")) (await outbox()).start();
  const notifications = document.querySelector("[data-push]");
  if (notifications || localStorage.getItem("push")) (await import("./push.js")).start(person, notifications);
  (await navigator.serviceWorker.ready).active.postMessage({ version, language: document.documentElement.lang, role: words.role });
}

let submitter;
addEventListener("submit", (event) => {
  const form = event.target;
  // The form names its function, or is sent to its address.
  const called = form.elements.do?.value ?? new URL(form.action, location.href).pathname;
  submitter = event.submitter;
  if (document.querySelector("[data-scan-page]")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    outbox().then(({ taken }) => taken(form));
    return;
  }
  if (called.endsWith("/sign-out")) {
    if (unsent && !confirm(words.signOut.replace("#count", unsent))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    indexedDB.deleteDatabase("latchkey-offline");
    forgetDrafts();
  }
  // Whoever signs out, or wants none anywhere, is not told in this browser either.
  if (called.endsWith("/sign-out") || called.endsWith("/end-all-push")) localStorage.removeItem("push");
  const section = document.querySelector("[data-keep]");
  if (called.endsWith("/withdraw-voucher") && section) kept().then(({ forget }) => forget(section.dataset.keep));
}, true);

// A form that reached nobody may wait on this phone: what is scanned, passwords and cards of guards, corrections of orders.
const LATER = /\/(read-code|add-password|add-card|cancel-password|cancel-card|correct-order)$/;
addEventListener("act-refused", ({ target: form, detail }) => {
  if (detail !== 0 || !person || !LATER.test(form.elements.do?.value)) return;
  const place = document.getElementById(form.dataset.says) ?? form;
  const card = place.querySelector("[data-testid=refusal]");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.dataset.testid = "later";
  button.textContent = words.later;
  const pressed = submitter;
  button.addEventListener("click", () => outbox().then(({ later }) => later(form, pressed)));
  if (!card) return;
  // Below the words, which need the width of a phone.
  const [text, both] = [card.lastElementChild, document.createElement("div")];
  both.className = "flex flex-col items-start gap-3";
  text.replaceWith(both);
  both.append(text, button);
});

if (document.querySelector("[data-moving-code]")) import("./moving-code.js");

// Without TLS a browser has none of this, and the pages work as they do without script.
if (isSecureContext && "serviceWorker" in navigator) start();
