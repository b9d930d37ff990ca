// The kiosk on four screens: every step of the four usages, wrong turns included, fits without scrolling, nothing is cut off or covered, and everything is
// as large as a gloved hand and a reader a metre away need it.
import type { Page } from "@playwright/test";
import { setBoards } from "../fixtures/bench";
import { KioskPage, LANDSCAPE, PIN } from "../fixtures/kiosk";
import { expect, expectAccessible, test } from "../fixtures/test";

/** Smallest text and smallest control, in CSS pixels. The last one is a small screen that is looked at from nearby. */
const SCREENS = [
  { width: 1080, height: 1920, text: 28, control: 72 },
  { width: 1920, height: 1080, text: 28, control: 72 },
  { width: 1280, height: 800, text: 20, control: 60 },
  { width: 800, height: 480, text: 18, control: 44 },
] as const;

/** What is wrong with the step on the screen; nothing, as it should be. */
async function faults(page: Page, least: { text: number; control: number }): Promise<string[]> {
  return page.evaluate(({ text, control }) => {
    const found: string[] = [];
    const named = (element: Element) => `${element.tagName.toLowerCase()} ${(element as HTMLElement).dataset.testid ?? ""} "${element.textContent?.trim().slice(0, 30)}"`;
    const seen = (element: Element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !element.closest(".sr-only, .hidden, .truncate, .kiosk-body:has(.kiosk-data) > .kiosk-reader");
    const root = document.documentElement;
    for (const element of [root, document.querySelector(".kiosk")!, document.querySelector(".kiosk-body")!]) {
      if (element.scrollHeight > element.clientHeight + 1) found.push(`${element.className || "page"} scrolls down: ${element.scrollHeight} in ${element.clientHeight}`);
      if (element.scrollWidth > element.clientWidth + 1) found.push(`${element.className || "page"} scrolls sideways: ${element.scrollWidth} in ${element.clientWidth}`);
    }
    for (const button of Array.from(document.querySelectorAll(".kiosk button"))) {
      // What stands in a tab of the staff area may be a long list, which has its own scroll bar; doors are as large as the picture lets them be.
      if (!seen(button) || button.closest(".kiosk-tab, .cabinet")) continue;
      const box = button.getBoundingClientRect();
      if (box.top < -1 || box.left < -1 || box.bottom > innerHeight + 1 || box.right > innerWidth + 1) found.push(`${named(button)} lies outside of the screen`);
      if (box.height < control - 1) found.push(`${named(button)} is ${Math.round(box.height)} px high`);
      if (box.width < control - 1) found.push(`${named(button)} is ${Math.round(box.width)} px wide`);
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!(button as HTMLButtonElement).disabled && top !== button && !button.contains(top)) found.push(`${named(button)} is covered by ${top && named(top)}`);
    }
    const texts = document.createTreeWalker(document.querySelector(".kiosk")!, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement!;
      if (!texts.currentNode.textContent!.trim() || !seen(element) || element.closest(".cabinet, .legend, .kiosk-camera")) continue;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < text - 0.6) found.push(`${named(element)} is written in ${size} px`);
      if (element.closest(".kiosk-tab, button[disabled]")) continue;
      // What lies over the middle of a line covers it, unless it belongs to it.
      const line = document.createRange();
      line.selectNodeContents(texts.currentNode);
      for (const box of Array.from(line.getClientRects())) {
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        if (!top || (!top.contains(element) && !element.contains(top))) found.push(`${named(element)} is covered by ${top && named(top)}`);
      }
    }
    for (const element of Array.from(document.querySelectorAll(".kiosk :is(h1, h2, p, button, .kiosk-say, .kiosk-do, .kiosk-pad, .kiosk-keys, .kiosk-list, .kiosk-reader)"))) {
      if (!seen(element) || element.closest(".kiosk-tab, .cabinet")) continue;
      if (element.scrollWidth > element.clientWidth + 1) found.push(`${named(element)} ${element.className} is cut off at its side`);
      if (element.scrollHeight > element.clientHeight + 3 && element.clientHeight > 0) found.push(`${named(element)} ${element.className} is cut off below: ${element.scrollHeight} in ${element.clientHeight}`);
    }
    return found;
  }, least);
}

/** The step on the screen has its place, whole. */
async function expectToFit(page: Page, screen: typeof SCREENS[number], lang: string, name: string): Promise<void> {
  // A step that comes in moves for a moment.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined))));
  if (process.env.LATCHKEY_LOOKS) await page.screenshot({ path: `test-results/looks/${lang}-kiosk-${screen.width}x${screen.height}-${name}.png` });
  expect.soft(await faults(page, screen), `${name} on ${screen.width} by ${screen.height}`).toEqual([]);
  if (lang === "en") await expectAccessible(page);
}

for (const [lang, locale] of [["en", "en-GB"], ["ko", "ko-KR"], ["zh", "zh-CN"]] as const) {
  test(`the start page fits every screen in ${lang} where neither the doors nor the camera can be used`, async ({ open, server }) => {
    // This browser has no serial port.
    await setBoards(await open("operator"), { kind: "xor8a", via: "browser" });
    const page = await open("nobody", { locale });
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
      navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
    });
    const kiosk = await KioskPage.enrol(async () => page, server);
    await expect(page.getByTestId("boards-silent")).toBeVisible({ timeout: 30_000 });
    await expect(page.getByTestId("camera-retry")).toBeVisible();
    for (const screen of SCREENS) {
      await page.setViewportSize(screen);
      await expectToFit(page, screen, lang, "home-without-doors-and-camera");
    }
    await kiosk.tile("L");
    for (const screen of SCREENS) {
      await page.setViewportSize(screen);
      await expectToFit(page, screen, lang, "identify-without-camera");
    }
  });

  for (const screen of SCREENS) {
    test(`every step fits a screen of ${screen.width} by ${screen.height} in ${lang}`, async ({ open, server }) => {
      test.setTimeout(180_000);
      const page = await open("nobody", { locale, viewport: { width: screen.width, height: screen.height } });
      const step = (name: string) => expectToFit(page, screen, lang, name);
      const kiosk = await KioskPage.enrol(async () => page, server, 1234, screen, async () => undefined, () => step("enrol"));
      const at = (id: string) => page.getByTestId(id);
      await step("home");

      await kiosk.tile("K");
      await step("pick-up");
      await kiosk.label("B1");
      await step("pick-up-password");
      await kiosk.type("00000");
      await expect(kiosk.notice).toBeVisible();
      await step("pick-up-refused");
      await at("back").click();

      await kiosk.tile("J");
      await step("return");
      await kiosk.type("99999999");
      await expect(kiosk.notice).toBeVisible();
      await step("return-refused");
      await at("by-customer").click();
      // What was refused before is still there while the next number is checked.
      const checked = page.waitForResponse((answer) => answer.url().endsWith("/Whose"));
      await kiosk.type("1");
      await checked;
      await expect(kiosk.notice).toBeVisible();
      await at("by-order").click();
      await kiosk.type("1046");
      await expect(at("whose")).toContainText("*");
      await step("return-choose");
      await at("open-first").click();
      await step("return-door");
      await at("give-up").click();
      await step("return-giving-up");
      await at("go-on").click();
      await kiosk.closeDoor();
      await step("return-finished");
      await kiosk.done();

      await kiosk.tile("L");
      await step("identify");
      await kiosk.type("1111");
      await expect(kiosk.notice).toBeVisible();
      await step("identify-refused");
      await kiosk.type(PIN);
      await step("deposit-choose");
      await at("open-first").click();
      await step("deposit-door");
      await kiosk.closeDoor();
      await expect(kiosk.code).toBeVisible();
      await step("deposit-code");
      await kiosk.done();

      await kiosk.tile("M");
      await kiosk.type(PIN);
      await step("retrieval");
      await page.locator("[data-testid^=take-]").first().click();
      await step("retrieval-door");
      await kiosk.closeDoor();
      await expect(kiosk.notice).toBeVisible();
      await step("retrieval-next");
      await at("to-staff-area").click();
      await expect(at("cabinet")).toBeVisible();
      await step("staff-doors");
      for (const tab of ["log", "device"]) {
        await at(`tab-${tab}`).click();
        await step(`staff-${tab}`);
      }
      await at("leave").click();
      await expect(at("tile-L")).toBeVisible();
    });
  }
}

// On a slow device a layout of the whole screen takes the time in which a tap opens a door.
test("a press on a button changes no layout", async ({ open, server }) => {
  const page = await open("nobody", { viewport: LANDSCAPE });
  const kiosk = await KioskPage.enrol(async () => page, server);
  await kiosk.tile("L");
  await kiosk.type(PIN);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const layouts = async () => {
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "LayoutCount")!.value;
  };
  // The clock in the corner may go on meanwhile.
  await expect(async () => {
    await page.getByTestId("open-first").hover();
    const before = await layouts();
    await page.mouse.down();
    const pressed = await layouts();
    // Let go beside it, it opens nothing.
    await page.mouse.move(1, 1);
    await page.mouse.up();
    expect(pressed).toBe(before);
  }).toPass({ timeout: 10_000 });
});
