import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";
import { Device } from "../fixtures/device";
import { expect, test } from "../fixtures/test";
import { oneBitChanged, openToSave } from "../fixtures/tokens";

/** Types a code into the scanner page; once the camera runs, typing is behind a button. */
async function type(page: Page, code: string): Promise<void> {
  await page.goto("/staff/scan");
  const typing = page.locator(".scanner-typing");
  await expect(typing).not.toHaveAttribute("open");
  await typing.locator("summary").click();
  await typing.locator("textarea[name=code]").fill(code);
  await typing.locator("button").click();
  await expect(page.getByTestId("refusal").or(page.getByTestId("sheet").locator("h1"))).toBeVisible();
}

const refusals: [string, (kiosk: Device) => string, RegExp][] = [
  ["signed with another secret", (k) => openToSave(k.yid, randomBytes(32).toString("base64url"), k.free()), /damaged/i],
  ["with one bit changed", (k) => oneBitChanged(k.deposit()), /damaged/i],
  ["of a kiosk nobody knows", (k) => openToSave(999, k.secret, k.free()), /unknown kiosk/i],
  ["of another kiosk, with this one's secret", (k) => openToSave(1235, k.secret, k.free()), /damaged/i],
  ["eleven minutes old", (k) => k.deposit(k.free(), new Date(Date.now() - 11 * 60_000)), /old|expired/i],
  ["from the future", (k) => k.deposit(k.free(), new Date(Date.now() + 11 * 60_000)), /clock|future/i],
  ["that is no code", () => "<script>alert(1)</script>'; DROP TABLE orders; --", /damaged/i],
];

for (const [what, make, says] of refusals) {
  test(`a code ${what} is refused, says so, and changes nothing`, async ({ open, server }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("staff");
    const code = make(kiosk);
    await type(page, code);
    await expect(page.getByTestId("refusal")).toContainText(says);
    await expect(page.locator("textarea[name=code]")).toHaveValue(code);
    await page.goto("/staff");
    await expect(page.getByTestId("pending-deposit")).toHaveCount(0);
  });
}

test("a code counts once, also for another phone", { tag: "@database" }, async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const code = kiosk.deposit();
  const [first, second] = [await open("staff"), await open("otherStaff")];
  await type(first, code);
  await expect(first.getByTestId("sheet").locator("[data-order]").first()).toBeVisible();
  for (const page of [second, first]) {
    await type(page, code);
    await expect(page.getByTestId("refusal")).toContainText(/used/i);
  }
});

test("two phones complete one order at once: one wins, the other is told why", { tag: "@database" }, async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const phones = [await open("staff"), await open("otherStaff")];
  for (const [i, phone] of phones.entries()) {
    await type(phone, kiosk.deposit(kiosk.free(i)));
    await phone.goto("/staff/orders/1017");
    await expect(phone.getByTestId("complete")).toBeVisible();
  }
  await Promise.all(phones.map((phone) => phone.getByTestId("complete").click()));
  await Promise.all(phones.map((phone) => expect(phone.getByTestId("deposit-done").or(phone.getByTestId("refusal"))).toBeVisible()));
  const won = await Promise.all(phones.map((phone) => phone.getByTestId("deposit-done").isVisible()));
  expect(won.filter(Boolean)).toHaveLength(1);
  const loser = phones[won.indexOf(false)]!;
  await expect(loser.getByTestId("refusal")).toContainText(/status/i);
});

test("a compartment that is taken already is refused for a second order", { tag: "@database" }, async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const compartment = kiosk.free();
  const page = await open("staff");
  const early = kiosk.deposit(compartment, new Date(Date.now() - 1000));
  await type(page, kiosk.deposit(compartment));
  await page.goto("/staff/orders/1018");
  await page.getByTestId("complete").click();
  await expect(page.getByTestId("deposit-done")).toBeVisible();
  await type(page, early);
  await page.goto("/staff/orders/1019");
  await page.getByTestId("complete").click();
  await expect(page.getByTestId("refusal")).toContainText(/taken/i);
});
