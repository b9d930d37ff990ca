// The only script every page loads. It tells the server the browser's time zone, sends a form once, and loads the role's wasm file where there is an
// island to wake, or the kiosk to draw. The page's head asks for that file already, in the way it is asked for here.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

// What was done is said once: not again after a reload, nor by a bookmark.
const here = new URL(location.href);
if (here.searchParams.has("notice")) {
  for (const name of ["notice", "made", "left", "undo"]) here.searchParams.delete(name);
  history.replaceState(history.state, "", here);
}

// A form that leads back to its page leads back to the place in it.
const place = "place";
addEventListener("submit", ({ target }) => {
  if (target.method === "post") sessionStorage.setItem(place, JSON.stringify([location.pathname, scrollY, Date.now()]));
});
const [path, top, since] = JSON.parse(sessionStorage.getItem(place) ?? "[]");
sessionStorage.removeItem(place);
if (path === location.pathname && top > 0 && Date.now() - since < 10_000 && !location.hash) scrollTo({ top, behavior: "instant" });

// The button of a form that is sent shows that it works, and a second tap changes nothing. Forms that are sent without leaving the page see to that
// themselves (`app/islands/src/ui/act.rs`).
addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post") return;
  if ("busy" in form.dataset) {
    event.preventDefault();
  } else {
    form.dataset.busy = "";
    submitter?.setAttribute("aria-busy", "true");
  }
});
// Everything is found from everywhere.
addEventListener("keydown", (event) => {
  const find = (event.ctrlKey || event.metaKey) && event.key === "k" && document.querySelector("[data-find]");
  if (!find) return;
  event.preventDefault();
  find.click();
});

// What can be printed has a button for it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A file is sent with a bar that shows how far it is; what is wrong with it is said in the form.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !("upload" in form.dataset)) return;
  event.preventDefault();
  const [bar, refused, button] = ["[data-upload-bar]", "[data-upload-refused]", "button"].map((one) => form.querySelector(one));
  const [progress, words] = bar.children;
  const request = new XMLHttpRequest();
  const stop = (text) => {
    delete form.dataset.busy;
    button.removeAttribute("aria-busy");
    bar.hidden = true;
    refused.hidden = false;
    refused.textContent = text;
  };
  request.upload.onprogress = ({ loaded, total }) => {
    progress.value = (100 * loaded) / total;
  };
  request.upload.onload = () => {
    progress.removeAttribute("value");
    words.textContent = words.dataset.checking;
  };
  request.onload = () => {
    const leads = request.getResponseHeader("location");
    if (request.status === 200 && leads) return location.assign(leads);
    try {
      stop(JSON.parse(request.responseText).words);
    } catch {
      // No answer of ours: the page itself may say more.
      location.reload();
    }
  };
  request.onerror = () => stop(refused.dataset.offline);
  request.open("POST", form.action);
  request.setRequestHeader("accept", "application/json");
  form.dataset.busy = "";
  button.setAttribute("aria-busy", "true");
  refused.hidden = true;
  bar.hidden = false;
  progress.value = 0;
  words.textContent = words.dataset.sending;
  request.send(new FormData(form));
}, true);
// The page comes back as it was left. From the browser's memory it comes unasked, and on the way back from its cache too, whatever that was told: what has
// changed since is loaded, unless something is typed.
const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const content = document.querySelector("main:not([data-kiosk])");
const drawn = content?.textContent;
const isTyped = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
addEventListener("pageshow", async ({ persisted }) => {
  for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
  if (!(persisted || isBack) || !content) return;
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (!answer) return;
  const text = answer.ok && !answer.redirected ? await answer.text() : "";
  const now = new DOMParser().parseFromString(text, "text/html").querySelector("main")?.textContent;
  const typed = [...document.querySelectorAll("form[method=post] :is(input, textarea):not([type=hidden])")].some(isTyped);
  if (now === undefined || (now !== drawn && !typed)) location.reload();
});

async function load() {
  const name = document.querySelector("script[data-wasm]").dataset.wasm;
  const wasm = fetch(new URL(`${name}_bg.wasm`, import.meta.url));
  const code = await import(new URL(`${name}.js`, import.meta.url));
  await code.default({ module_or_path: wasm });
  return code;
}

const islands = document.querySelectorAll("leptos-island");
const kiosk = document.querySelector("[data-kiosk]");
if (islands.length || kiosk) {
  const code = await load();
  code.hydrate?.();
  if (kiosk) code.kiosk(kiosk);
  // An island of another version is left as the server drew it: it works without script.
  const wake = (island) => code[island.dataset.component]?.(island);
  islands.forEach(wake);
  // For those who must know: until here a form leads to another page.
  document.documentElement.dataset.awake = "";
  // Islands in what was fetched and put into the page later.
  addEventListener("islands", ({ target }) => target.querySelectorAll("leptos-island").forEach(wake));
}
