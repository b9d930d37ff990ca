// A worker that reads QR codes out of camera pictures, so that the page stays smooth meanwhile. Its name says which wasm file
// to take. Says "ready" once, then answers every picture with the text found, or null. A fault of the decoder ends the worker:
// whoever started it starts another.
const code = await import(`./${self.name}.js`);
await code.default({ module_or_path: new URL(`./${self.name}_bg.wasm`, import.meta.url) });

addEventListener("message", ({ data: { pixels, width, height } }) => {
  postMessage({ text: code.read_code(new Uint8Array(pixels), width, height) ?? null });
});
postMessage("ready");
