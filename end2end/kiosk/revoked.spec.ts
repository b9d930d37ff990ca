// What was withdrawn, told to a kiosk without network: more of it than one code has room for.
import type { Page } from "@playwright/test";
import { lookAway, showUntil } from "../fixtures/camera";
import { KioskPage } from "../fixtures/kiosk";
import { expect, expectAccessible, test } from "../fixtures/test";
import { storedAt } from "../fixtures/voucher";

/** Makes this number of codes for an order and withdraws each, the first one first. Answers them. */
async function withdrawn(business: Page, order: string, count: number): Promise<string[]> {
  const headers = { accept: "application/json" };
  const codes: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const made = await business.request.post("/do/business/make-voucher", { headers, form: { things_sq: order, end: "tomorrow" } });
    expect(made.status(), await made.text()).toBe(200);
    const { token } = await made.json() as { token: string };
    const gone = await business.request.post("/do/business/withdraw-voucher", { headers, form: { code: token } });
    expect(gone.status()).toBe(200);
    codes.push(token);
  }
  return codes;
}

test("a list that is longer than a code is read whole from one that moves", async ({ open, server }) => {
  test.setTimeout(240_000);
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.offline(true);
  const business = await open("hanbit");
  const [order] = await storedAt(business, 1234);
  const codes = await withdrawn(business, order!.thingsSq, 200);
  const staff = await open("staff");
  await staff.goto("/staff/pass/1234");
  await staff.getByTestId("pass-whole").click();
  const code = staff.getByTestId("code");
  await expect(code.locator("svg")).toBeVisible();
  await expectAccessible(staff);
  // Interrupted it is nothing, and goes on where it stood.
  const hint = kiosk.page.getByTestId("reader-hint");
  await showUntil(kiosk.page, code, async () => (await hint.textContent())!.includes("%"));
  await lookAway(kiosk.page);
  await expect(hint).not.toContainText("%");
  await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();
  await kiosk.read(code, kiosk.page.getByTestId("tab-doors"));
  await expect(kiosk.notice).toHaveCount(0);
  await kiosk.page.getByTestId("leave").click();
  await expect(kiosk.page.getByTestId("tile-L")).toBeVisible();
  // The one that was withdrawn first is the one that a plain code has no room for.
  await kiosk.handScan(codes[0]!);
  await expect(kiosk.notice).toContainText(/withdrawn/i);
  await kiosk.page.waitForTimeout(4_500);
  await kiosk.handScan(codes.at(-1)!);
  await expect(kiosk.notice).toContainText(/withdrawn/i);
});

test("where one code has room for all of it, staff are offered no other", async ({ open }) => {
  const business = await open("hanbit");
  const [order] = await storedAt(business, 1234);
  await withdrawn(business, order!.thingsSq, 3);
  const staff = await open("staff");
  await staff.goto("/staff/pass/1234");
  await expect(staff.getByTestId("code")).toBeVisible();
  await expect(staff.getByTestId("pass-whole")).toHaveCount(0);
});
