// Hand scanners as they are in the field: slow devices, other ends than Enter, Caps Lock, another input language.
import type { Page } from "@playwright/test";
import { KioskPage, PIN } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

interface Typing { end?: "Enter" | "Tab" | "none"; keys?: "plain" | "caps-lock" | "input-method" | "capitals"; pauseAt?: number; pauseMs?: number }

/** Types as a scanner does, inside the page: what reaches it is a key event for each character, with its place on an American keyboard. */
async function scan(page: Page, text: string, { end = "Enter", keys = "plain", pauseAt = -1, pauseMs = 0 }: Typing = {}): Promise<void> {
  await page.evaluate(async ({ text, end, keys, pauseAt, pauseMs }) => {
    const press = (key: string, code: string, shiftKey: boolean) => {
      const target = document.activeElement ?? document.body;
      target.dispatchEvent(new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }));
    };
    const place = (c: string): [string, boolean] => {
      if (/[a-z]/i.test(c)) return [`Key${c.toUpperCase()}`, c !== c.toLowerCase()];
      if (/\d/.test(c)) return [`Digit${c}`, false];
      if (c === "-" || c === "_") return ["Minus", c === "_"];
      return [c === "." ? "Period" : "", false];
    };
    const swap = (c: string) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase());
    for (const [at, original] of [...text].entries()) {
      if (at === pauseAt) await new Promise((over) => setTimeout(over, pauseMs));
      const c = keys === "capitals" ? original.toUpperCase() : original;
      const [code, shift] = place(c);
      const letter = /[a-z]/i.test(c);
      const key = keys === "caps-lock" ? swap(c) : keys === "input-method" && letter ? "Process" : c;
      press(key, code, shift);
    }
    if (end !== "none") press(end, end, false);
  }, { text, end, keys, pauseAt, pauseMs });
}

async function pass(staff: Page): Promise<string> {
  const made = await staff.request.post("/v1/Encrypt", { data: { data: { cmd: "StaffPass", yid: 1234 } } });
  return (await made.json() as { data: string }).data;
}

async function leave(kiosk: KioskPage): Promise<void> {
  await kiosk.page.getByTestId("leave").click();
  await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();
}

test("a staff pass is read from a slow scanner, one that ends with Tab or nothing, with Caps Lock on, and through an input method", async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  const staff = await open("staff");
  const cases: [string, Typing][] = [
    ["Tab", { end: "Tab" }],
    ["nothing", { end: "none" }],
    ["a pause in the header", { pauseAt: 2, pauseMs: 1_500 }],
    ["a pause in the middle", { pauseAt: 120, pauseMs: 2_500 }],
    ["Caps Lock", { keys: "caps-lock" }],
    ["an input method", { keys: "input-method", end: "Tab" }],
  ];
  for (const [what, typing] of cases) {
    await kiosk.page.getByTestId("staff-area").click();
    await expect(kiosk.page.getByTestId("pad")).toBeVisible();
    await scan(kiosk.page, await pass(staff), typing);
    await expect(kiosk.page.getByTestId("tab-doors"), what).toBeVisible();
    await leave(kiosk);
  }
});

test("digits of a code never land on the PIN pad, and a piece of a code or changed letters are named as such", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const staff = await open("staff");
  const code = await pass(staff);
  await kiosk.page.getByTestId("staff-area").click();
  await expect(kiosk.page.getByTestId("pad")).toBeVisible();
  await scan(kiosk.page, code.slice(0, 150), { end: "none" });
  await expect(kiosk.page.getByTestId("pad-shown")).toHaveText("");
  await expect(kiosk.notice).toHaveAttribute("data-notice", "code-partial", { timeout: 15_000 });
  await scan(kiosk.page, code.slice(0, -7), { end: "Tab" });
  await expect(kiosk.notice).toContainText(/scan it again/i);
  await scan(kiosk.page, code, { keys: "capitals" });
  await expect(kiosk.notice).toContainText(/Caps Lock/);
  // The PIN still goes by the keyboard, and what was scanned counts as no wrong try.
  await kiosk.typeOnKeyboard(PIN);
  await kiosk.page.keyboard.press("Enter");
  await expect(kiosk.page.getByTestId("tab-doors")).toBeVisible();
});

test("a code scanned while something is typed leaves nothing of it on the pad", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const staff = await open("staff");
  const code = await pass(staff);
  await kiosk.tile("K");
  await kiosk.label("A1");
  await kiosk.typeOnKeyboard("12");
  await kiosk.handScan(code);
  await expect(kiosk.notice).toHaveAttribute("data-notice", "code-kind");
  await expect(kiosk.page.getByTestId("pad-shown")).toHaveText("");
  await expect(kiosk.page.getByTestId("other-door")).toHaveAttribute("data-label", "A1");
});

test("a label and a number with letters can be typed on a keyboard, and a PIN takes no letters", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  const shown = kiosk.page.getByTestId("pad-shown");
  await kiosk.tile("K");
  await kiosk.typeOnKeyboard("b2");
  await expect(kiosk.page.getByTestId("other-door")).toHaveAttribute("data-label", "B2");
  await kiosk.page.getByTestId("back").click();
  await kiosk.tile("J");
  await kiosk.typeOnKeyboard("X-7");
  await expect(shown).toHaveText("X-7");
  await kiosk.page.getByTestId("back").click();
  await kiosk.tile("L");
  await kiosk.typeOnKeyboard("a1b2");
  await expect(shown).toHaveText("●●");
});
