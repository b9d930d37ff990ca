// A code that is too long for one picture: its frames, one after another, for the camera of a kiosk.
import init, { Frames } from "./codes.js";

// So long a camera gets to see a frame.
const FRAME_MS = 140;

const place = document.querySelector("[data-moving-code]");
const { movingCode, left } = place.dataset;
// Before it ends the server makes another.
setTimeout(() => location.reload(), Number(left));
await init({ module_or_path: new URL("codes_bg.wasm", import.meta.url) });
const frames = new Frames(movingCode);
let number = 0;
const draw = () => {
  place.innerHTML = frames.svg(number);
  number += 1;
};
draw();
setInterval(draw, FRAME_MS);
navigator.wakeLock?.request("screen").catch(() => undefined);
