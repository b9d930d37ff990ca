// A part of `sw.js`: shows notifications. What arrives names a kind and a page of ours and nothing else; the words are those of the page that is kept for
// when there is no network, in the language of the pages before it.
const ENTITIES = { "&quot;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };

async function wordsOf(kind) {
  const page = await kept(PAGE);
  const text = page ? await page.found.text() : "";
  const words = /data-push-words="([^"]*)"/.exec(text)?.[1].replaceAll(/&(?:quot|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity]) ?? "{}";
  const [title, body] = JSON.parse(words)[kind] ?? ["Latchkey", ""];
  return { title, body, lang: /<html lang="(\w+)"/.exec(text)?.[1] ?? "" };
}

async function notify({ kind, path }) {
  const { title, body, lang } = await wordsOf(kind);
  await registration.showNotification(title, { body, lang, icon: "/icon-192.png", tag: `${kind} ${path}`, data: { path } });
}

// A browser that was sent something shows something.
function sent(data) {
  try {
    return data.json();
  } catch {
    return { kind: "", path: "/" };
  }
}

addEventListener("push", (event) => event.waitUntil(notify(sent(event.data))));

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.path, location.origin);
  const go = async () => {
    const address = url.origin === location.origin ? url.href : location.origin;
    const open = (await clients.matchAll({ type: "window" })).find((client) => client.url === address);
    // A page with something typed into it is not left.
    await (open ? open.focus() : clients.openWindow(address));
  };
  event.waitUntil(go());
});

// The browser's maker gave it another address.
addEventListener("pushsubscriptionchange", (event) => {
  const renew = async () => {
    const { oldSubscription: old } = event;
    const fresh = event.newSubscription ?? (old && (await registration.pushManager.subscribe(old.options)));
    if (!fresh) return;
    const { endpoint, keys } = fresh.toJSON();
    const headers = { accept: "application/json", "content-type": "application/json" };
    const body = JSON.stringify({ address: endpoint, key: keys.p256dh, secret: keys.auth });
    await fetch("/do/account/keep-push", { method: "POST", headers, body });
  };
  event.waitUntil(renew());
});

// A page that knows by itself what there is to tell, such as that everything was sent. Somebody who looks at our pages sees it there.
addEventListener("message", (event) => {
  const { notice } = event.data;
  if (!notice) return;
  const tell = async () => {
    const windows = await clients.matchAll({ type: "window" });
    if (Notification.permission !== "granted" || windows.some((client) => client.visibilityState === "visible")) return;
    await notify(notice);
  };
  event.waitUntil(tell());
});
