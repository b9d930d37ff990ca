// Notifications in this browser: the switch on the account page, and keeping them on for the person who turned them on. `offline.js` loads it where one
// of the two is needed. What arrives is shown by the worker (`push-sw.js`).
const MARK = "push";
const KEPT = "push-kept";
// The server is told again now and then, so that it knows the session they belong to, and that this browser is still used.
const AGAIN = 10 * 60_000;

async function call(name, fields) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const answer = await fetch(`/do/account/${name}`, { method: "POST", headers, body: JSON.stringify(fields) });
  if (!answer.ok && answer.status !== 404) throw new Error(`${name} answered ${answer.status}`);
  return answer.ok;
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const isSame = (one, other) => one?.byteLength === other.length && new Uint8Array(one).every((byte, at) => byte === other[at]);
const manager = async () => (await navigator.serviceWorker.ready).pushManager;

async function turnOn(person, text) {
  const [push, key] = [await manager(), bytes(text)];
  let subscription = await push.getSubscription();
  if (subscription && !isSame(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe();
    subscription = undefined;
  }
  subscription ??= await push.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  if (!(await call("keep-push", { address: endpoint, key: keys.p256dh, secret: keys.auth }))) throw new Error("not kept");
  localStorage.setItem(MARK, person);
  localStorage.setItem(KEPT, String(Date.now()));
}

async function turnOff() {
  localStorage.removeItem(MARK);
  const subscription = await (await manager()).getSubscription();
  if (!subscription) return;
  // Also where the server does not hear of it: what is sent to an address that is gone ends there.
  await Promise.allSettled([call("end-push", { address: subscription.endpoint }), subscription.unsubscribe()]);
}

// Keeps them on, unless they were turned off elsewhere, or somebody else is signed in here now.
async function renew(person) {
  const mark = localStorage.getItem(MARK);
  if (!mark) return false;
  const subscription = await (await manager()).getSubscription();
  const isTheirs = mark === person && subscription && Notification.permission === "granted";
  const isDue = Date.now() - Number(localStorage.getItem(KEPT)) > AGAIN;
  if (!isTheirs || (isDue && !(await call("renew-push", { address: subscription.endpoint })))) {
    await turnOff();
    return false;
  }
  if (isDue) localStorage.setItem(KEPT, String(Date.now()));
  return true;
}

export async function start(person, section) {
  const on = await renew(person).catch(() => localStorage.getItem(MARK) === person);
  if (!section || !("PushManager" in window) || !("Notification" in window)) return;
  const show = (shown) => {
    for (const words of section.querySelectorAll("[data-push-case]")) words.hidden = words.dataset.pushCase !== shown;
  };
  const [label, input] = [section.querySelector("label"), section.querySelector("input")];
  const turn = async () => {
    if (!input.checked) return turnOff();
    if ((await Notification.requestPermission()) !== "granted") {
      input.checked = false;
      return show("denied");
    }
    await turnOn(person, section.dataset.push);
  };
  input.checked = on;
  label.hidden = false;
  show(Notification.permission === "denied" ? "denied" : "");
  input.addEventListener("change", async () => {
    show("");
    input.disabled = true;
    await turn().catch(() => {
      input.checked = !input.checked;
      show("failed");
    });
    input.disabled = false;
    input.focus();
  });
}
