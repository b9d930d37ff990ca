// Keeps the kiosk's page and all it needs on the device, so that it starts without a network. Everything else on this origin is let through.
//
// A set is named by the version that stands in the addresses of the page's files (it changes whenever any file of the site does). A new set is
// fetched whole before it takes the place of the old one; the page decides when to reload into it.
const PAGE = "/kiosk";
const PREFIX = "kiosk-page-";
const FIXED = ["/icon.svg", "/kiosk.webmanifest", "/wiring-bus.svg", "/wiring-lock.svg"];
// The deployment's own picture; what is at such an address never changes.
const LOGO = "/logo/";
const LOGOS = "kiosk-logo";
// Loaded by scripts, so they are not named in the page.
const BESIDE_THE_SCRIPT = ["kiosk.js", "kiosk_bg.wasm", "split_boards.wasm", "split_staff.wasm", "chunk_3.wasm", "decoder.js", "decoder_bg.wasm", "codes.js", "codes_bg.wasm"];

async function newest() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  for (const name of names.reverse()) {
    const cache = await caches.open(name);
    // The page goes in last: a set without it was not finished.
    if (await cache.match(PAGE)) return { name, cache };
  }
  return undefined;
}

// Fetches the page; if its version is not here yet, all that belongs to it. Says whether something newer is here now.
async function update() {
  const page = await fetch(PAGE, { cache: "no-cache", redirect: "error" });
  if (!page.ok) throw new Error(`the page answered ${page.status}`);
  const html = await page.clone().text();
  const script = /(\/pkg\/([^/"]+)\/)page\.js/.exec(html);
  if (!script) throw new Error("the page names no script");
  const [, directory, version] = script;
  const name = PREFIX + version;
  const before = await newest();
  const named = [...html.matchAll(/(?:href|src)="(\/pkg\/[^"]+)"/g)].map(([, address]) => address);
  const files = [...new Set([...named, ...BESIDE_THE_SCRIPT.map((file) => directory + file), ...FIXED])];
  // This version may have been fetched by the worker before this one, which knew of other files.
  const isWhole = async (cache) => (await Promise.all(files.map((file) => cache.match(file)))).every(Boolean);
  if (before?.name === name && (await isWhole(before.cache))) return false;
  const cache = await caches.open(name);
  await cache.addAll(files);
  await cache.put(PAGE, page);
  for (const old of await caches.keys()) {
    // The set before stays for the page that still runs with it.
    if (old.startsWith(PREFIX) && old !== name && old !== before?.name) await caches.delete(old);
  }
  return before !== undefined;
}

// The page's address, also as people type it: with a slash at its end, or two of them. The server redirects those to the one address.
function isPage(path) {
  return path.replace(/\/+/g, "/").replace(/\/$/, "") === PAGE;
}

async function answer(request) {
  const url = new URL(request.url);
  if (request.mode === "navigate") {
    if (url.pathname !== PAGE) return Response.redirect(PAGE + url.search);
    const kept = await newest();
    return (await kept?.cache.match(PAGE)) ?? fetch(request);
  }
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const found = await (await caches.open(name)).match(url.pathname);
    if (found) return found;
  }
  return fetch(request);
}

async function logo(request) {
  const cache = await caches.open(LOGOS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) {
    for (const old of await cache.keys()) await cache.delete(old);
    await cache.put(request, fresh.clone());
  }
  return fresh;
}

addEventListener("install", (event) => event.waitUntil(update().then(() => skipWaiting())));

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(LOGO)) return event.respondWith(logo(request));
  const page = request.mode === "navigate" && isPage(url.pathname);
  if (page || url.pathname.startsWith("/pkg/") || FIXED.includes(url.pathname)) event.respondWith(answer(request));
});

addEventListener("message", (event) => {
  if (event.data !== "check") return;
  event.waitUntil(update().then((newer) => newer && event.source.postMessage("updated"), () => undefined));
});
