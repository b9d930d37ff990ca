// The worker that reads QR codes out of camera pictures, so that the page stays smooth meanwhile. Built into one script with what wasm-bindgen
// writes for this crate. Says "ready" once, then answers every picture with the text found, or null. A fault of the decoder ends the worker:
// the page starts another.
import init, { read_code } from "./decoder.js";

await init();

addEventListener("message", ({ data: { pixels, width, height } }) => {
  postMessage({ text: read_code(new Uint8Array(pixels), width, height) ?? null });
});
postMessage("ready");
