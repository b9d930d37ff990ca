// For the phones of people who sign in: where there is no network, a page of ours stands in place of the browser's own error page, with what this phone
// keeps (`kept.js`) and has to send (`unsent.js`); staff have the scanner too, and businesses what narrows their codes. Everything else goes to the
// network. The kiosk has a worker of its own, `kiosk-sw.js`.
//
// A set of files is named by the version that stands in their addresses. A new set is fetched whole before it takes the place of the old one.
importScripts("/push-sw.js");

const PAGE = "/offline";
const SCAN_PAGE = "/offline/scan";
const SCAN = "/staff/scan";
const PREFIX = "offline-page-";
const FILES = ["latchkey.css", "page.js", "offline.js", "drafts.js", "kept.js", "unsent.js", "conflicts.js", "outbox.js", "outbox_bg.wasm"];
const SCAN_FILES = ["scan.js", "scan_bg.wasm", "decoder.js", "decoder_bg.wasm"];
const CODE_FILES = ["pass-on.js", "codes.js", "codes_bg.wasm"];
const ICON = "/icon.svg";
// Whatever headers it was asked for with.
const ANY = { ignoreVary: true };

async function kept(address) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  for (const name of names.reverse()) {
    const cache = await caches.open(name);
    // The page goes in last: a set without it was not finished.
    const found = (await cache.match(PAGE, ANY)) && (await cache.match(address, ANY));
    if (found) return { name, found };
  }
  return undefined;
}

// Fetches a page as nobody, so that it names nobody, in the language that is asked for.
async function asNobody(address, language) {
  const headers = language ? { "accept-language": language } : {};
  const page = await fetch(address, { cache: "no-cache", credentials: "omit", redirect: "error", headers });
  if (!page.ok) throw new Error(`the page answered ${page.status}`);
  return page;
}

async function update(language, role) {
  const page = await asNobody(PAGE, language);
  const [, directory, version] = /(\/pkg\/([^/"]+)\/)page\.js/.exec(await page.clone().text());
  const name = PREFIX + version;
  const cache = await caches.open(name);
  await cache.addAll([...FILES.map((file) => directory + file), ICON]);
  if (role === "business") await cache.addAll(CODE_FILES.map((file) => directory + file));
  if (role === "staff") {
    const scan = await asNobody(SCAN_PAGE, language);
    await cache.addAll(SCAN_FILES.map((file) => directory + file));
    await cache.put(SCAN_PAGE, scan);
  }
  await cache.put(PAGE, page);
  for (const old of await caches.keys()) {
    if (old.startsWith(PREFIX) && old !== name) await caches.delete(old);
  }
}

async function navigated(event) {
  try {
    const preloaded = await event.preloadResponse;
    // Where it failed, Firefox answers an error instead of rejecting.
    return preloaded && preloaded.type !== "error" ? preloaded : await fetch(event.request);
  } catch (error) {
    const scans = new URL(event.request.url).pathname === SCAN;
    const page = (scans && (await kept(SCAN_PAGE))) || (await kept(PAGE));
    if (!page) throw error;
    return page.found;
  }
}

addEventListener("install", (event) => {
  // What is sent does not come by here: a request that waits for this worker is lost with its page, where somebody leaves it at once.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" })?.catch(() => undefined);
  event.waitUntil(update().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  // The page is asked for while this worker starts.
  event.waitUntil(Promise.all([clients.claim(), registration.navigationPreload?.enable()]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || pathname.startsWith("/kiosk")) return;
  const isKept = () => pathname.startsWith("/pkg/") && [...FILES, ...SCAN_FILES, ...CODE_FILES].some((file) => pathname.endsWith(`/${file}`));
  if (request.mode === "navigate") {
    // Nothing of somebody who signed out stays, but what they have to send, which only they can read.
    if (searchParams.get("notice") === "signed-out") event.waitUntil(indexedDB.deleteDatabase("latchkey-offline"));
    event.respondWith(navigated(event));
  } else if (pathname === ICON || isKept()) {
    event.respondWith(kept(pathname).then((one) => one?.found ?? fetch(request)));
  }
});

// A page that is open says which version it is of, in which language, and whose.
addEventListener("message", (event) => {
  const { version, language, role } = event.data;
  if (!version) return;
  const check = async () => {
    const page = await kept(PAGE);
    const same = page?.name === PREFIX + version && (await page.found.text()).includes(`<html lang="${language}"`);
    const scans = role !== "staff" || (await kept(SCAN_PAGE))?.name === page?.name;
    const codes = role !== "business" || (await kept(`/pkg/${version}/${CODE_FILES.at(-1)}`))?.name === page?.name;
    if (!same || !scans || !codes) await update(language, role);
  };
  event.waitUntil(check().catch(() => undefined));
});
