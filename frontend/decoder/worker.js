// The worker that reads QR codes out of camera pictures, so that the page stays smooth meanwhile. Built into one script with what wasm-bindgen
// writes for this crate. Says "ready" once, then answers every picture with the text found, or null. A fault of the decoder ends the worker:
// the page starts another.
import init, { read_code } from "./decoder.js";

await init();

// Where no other frame follows, how far it came is no longer shown.
const FORGET_MS = 3_000;
// Puts the frames of a code that moves together, at a kiosk: fetched with the first frame. A phone has it in its page.
let watcher;
let forget;
async function assembled(frame) {
  watcher ??= import("./codes.js").then(async (codes) => {
    await codes.default({ module_or_path: new URL("codes_bg.wasm", import.meta.url) });
    return new codes.Watcher();
  });
  clearTimeout(forget);
  forget = setTimeout(() => postMessage({ text: "LK1 " }), FORGET_MS);
  try {
    return (await watcher).receive(frame, performance.now());
  } catch {
    watcher = undefined;
    return undefined;
  }
}

addEventListener("message", async ({ data: { pixels, width, height } }) => {
  const read = read_code(new Uint8Array(pixels), width, height);
  const text = name === "kiosk" && read?.startsWith("LK1:") ? await assembled(read) : read;
  postMessage({ text: text ?? null });
});
postMessage("ready");
