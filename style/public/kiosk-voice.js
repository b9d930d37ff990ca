// Speaks what the kiosk's screen says, where staff turned that on at this device. It only reads the page: the kiosk works without it, and browsers without
// voices stay silent.
const SPOKEN = ["h1", "[data-testid=instruction]", "[data-testid=notice]", "[data-testid=reminder]", "[data-testid=whose]"];
let last = "";

function speak() {
  if (!("speechSynthesis" in window) || localStorage.getItem("latchkey-kiosk-voice") !== "on") return;
  const screen = document.querySelector("[data-screen]");
  if (!screen) return;
  const texts = SPOKEN.flatMap((where) => [...screen.querySelectorAll(where)]).map((element) => element.textContent.trim());
  const text = texts.filter(Boolean).join(". ");
  if (text === last) return;
  last = text;
  speechSynthesis.cancel();
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.lang = { ko: "ko-KR", zh: "zh-CN", en: "en-GB" }[document.documentElement.lang] ?? "";
  speechSynthesis.speak(spoken);
}

// Several parts of the page change with one step, and are one sentence.
let waits = 0;
new MutationObserver(() => {
  clearTimeout(waits);
  waits = setTimeout(speak, 150);
}).observe(document.body, { subtree: true, childList: true, characterData: true });
