// The only script every page loads. It tells the server the browser's time zone, and loads the role's wasm file where something on the page
// moves: a scanner, a live code, or the kiosk (`data-start`). The page's head asks for that file already, as it is asked for here.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;

async function load() {
  const name = document.querySelector("script[data-wasm]").dataset.wasm;
  const wasm = fetch(new URL(`${name}_bg.wasm`, import.meta.url));
  const code = await import(new URL(`${name}.js`, import.meta.url));
  await code.default({ module_or_path: wasm });
  return code;
}

const moving = document.querySelectorAll("[data-start]");
if (moving.length) {
  const code = await load();
  for (const element of moving) code.start(element.dataset.start, element);
}
