// The only script every page loads. It tells the server the browser's time zone, and loads the wasm file where something on
// the page needs it: a scanner or a live code (`data-start`), or an island of the kiosk.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

async function load() {
  const name = document.querySelector("script[data-wasm]").dataset.wasm;
  const wasm = fetch(new URL(`${name}_bg.wasm`, import.meta.url));
  const code = await import(new URL(`${name}.js`, import.meta.url));
  await code.default({ module_or_path: wasm });
  return code;
}

// Calls what the wasm file exports for each island, outermost first, as leptos expects it.
async function wake(parent, code, waiting) {
  for (const element of parent.children) {
    if (element.localName === "leptos-island") {
      waiting.at(-1)?.();
      await code[element.dataset.component]?.(element);
    }
    const isSlot = element.localName === "leptos-children";
    await wake(element, code, isSlot ? [...waiting, element.$$on_hydrate] : waiting);
  }
}

const moving = document.querySelectorAll("[data-start]");
if (moving.length) {
  const code = await load();
  for (const element of moving) code.start(element.dataset.start, element);
} else if (document.querySelector("leptos-island")) {
  const code = await load();
  code.hydrate();
  await wake(document.body, code, []);
}
