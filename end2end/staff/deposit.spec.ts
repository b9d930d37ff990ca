// Deposits one after the other on one page: the camera, the customer in a sheet over it, done, and the camera again.
import type { Locator, Page } from "@playwright/test";
import { drawToken, showPicture, showToken } from "../fixtures/camera";
import { Counter } from "../fixtures/counter";
import { Device } from "../fixtures/device";
import { expect, openAwake, test } from "../fixtures/test";

/** The scanner with its camera running, and the sheet that lies over it at times. */
async function scanner(page: Page): Promise<Locator> {
  await openAwake(page, "/staff/scan");
  await looks(page);
  return page.getByTestId("sheet");
}

/** Waits until the camera looks. */
async function looks(page: Page): Promise<void> {
  await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.srcObject !== null)).toBe(true);
}

/** The code first: answers whose deposit it became. */
async function codeFirst(page: Page, code: string, counter: Counter): Promise<string> {
  const sheet = page.getByTestId("sheet");
  await looks(page);
  await showToken(page, code);
  const row = sheet.locator("[data-order]").first();
  await expect(row).toBeVisible();
  const order = (await row.getAttribute("data-order"))!;
  await counter.tap(row);
  await counter.tap(sheet.getByTestId("complete"));
  await expect(sheet.getByTestId("deposit-done")).toBeVisible();
  return order;
}

/** The customer first. */
async function customerFirst(page: Page, code: string, counter: Counter): Promise<string> {
  const sheet = page.getByTestId("sheet");
  await looks(page);
  await showPicture(page, null);
  await counter.tap(page.getByTestId("choose-first"));
  const row = sheet.locator("[data-order]").first();
  await expect(row).toBeVisible();
  const order = (await row.getAttribute("data-order"))!;
  await counter.tap(row);
  await expect(sheet).toBeHidden();
  await expect(page.getByTestId("scan-order")).toBeVisible();
  await looks(page);
  await showToken(page, code);
  await expect(sheet.getByTestId("deposit-done")).toBeVisible();
  return order;
}

async function expectStored(page: Page, orders: string[]): Promise<void> {
  for (const order of orders) {
    const answer = await page.request.get(`/staff/orders?q=${order}&status=C`);
    expect(await answer.text(), order).toContain(`data-order="${order}"`);
  }
}

for (const [name, deposit] of [["the code first", codeFirst], ["the customer first", customerFirst]] as const) {
  test(`the next deposit takes three taps and no page load, ${name}`, async ({ open, server }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("staff");
    await scanner(page);
    const counter = new Counter(page);
    const orders = [await deposit(page, kiosk.deposit(kiosk.free(0)), counter)];
    counter.take();
    await counter.tap(page.getByTestId("next-deposit"));
    await expect(page.getByTestId("sheet")).toBeHidden();
    orders.push(await deposit(page, kiosk.deposit(kiosk.free(1)), counter));
    const { taps, loads } = counter.take();
    expect(loads).toBe(0);
      expect(taps).toBe(3);
    await expectStored(page, orders);
  });
}

test("ten deposits in a row, in both orders of steps, stay on one page", async ({ open, server }) => {
  test.setTimeout(180_000);
  const kiosk = await Device.enrol(server, 1235);
  const page = await open("staff");
  await scanner(page);
  const counter = new Counter(page);
  const orders: string[] = [];
  for (let i = 0; i < 10; i++) {
    const deposit = i % 2 ? customerFirst : codeFirst;
    orders.push(await deposit(page, kiosk.deposit(kiosk.free(i)), counter));
    await counter.tap(page.getByTestId("next-deposit"));
    await expect(page.getByTestId("sheet")).toBeHidden();
  }
  expect(new Set(orders).size).toBe(10);
  expect(counter.take()).toEqual({ taps: 30, loads: 0 });
  await expectStored(page, orders);
});

for (const taps of [3, 10]) {
  test(`${taps} taps on the button complete one deposit`, async ({ open, server }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("staff");
    const sheet = await scanner(page);
    const sent: string[] = [];
    await page.route("**/do/staff/complete-deposit", async (route) => {
      sent.push(route.request().url());
      await new Promise((later) => setTimeout(later, 800));
      await route.continue();
    });
    await showToken(page, kiosk.deposit());
    await sheet.locator("[data-order]").first().click();
    await sheet.getByTestId("complete").evaluate((button: HTMLButtonElement, taps) => {
      for (let tap = 0; tap < taps; tap++) button.click();
    }, taps);
    await expect(sheet.getByTestId("complete")).toHaveAttribute("aria-busy", "true");
    await expect(sheet.getByTestId("deposit-done")).toBeVisible();
    await expect(page.getByTestId("refusal")).toHaveCount(0);
    expect(sent).toHaveLength(1);
  });
}

test("a deposit is undone in the sheet, and its code waits for the right customer", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  const sheet = await scanner(page);
  const counter = new Counter(page);
  const wrong = await codeFirst(page, kiosk.deposit(), counter);
  await sheet.getByTestId("undo").click();
  await expect(sheet.getByTestId("notice")).toBeVisible();
  await expect(sheet.getByTestId("pending-deposit")).toBeVisible();
  const right = sheet.locator(`[data-order]:not([data-order='${wrong}'])`).first();
  const order = (await right.getAttribute("data-order"))!;
  await right.click();
  await sheet.getByTestId("complete").click();
  await expect(sheet.getByTestId("deposit-done")).toBeVisible();
  expect(counter.take().loads).toBe(0);
  await expectStored(page, [order]);
});

test("a sheet that is closed by its button leaves the camera ready for the next code of any customer", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  const sheet = await scanner(page);
  const counter = new Counter(page);
  const first = await customerFirst(page, kiosk.deposit(kiosk.free(0)), counter);
  await page.getByTestId("sheet-close").click();
  await expect(sheet).toBeHidden();
  await expect(page.getByTestId("scan-order")).toHaveCount(0);
  await expect(page).toHaveURL(/\/staff\/scan$/);
  const second = await codeFirst(page, kiosk.deposit(kiosk.free(1)), counter);
  expect(second).not.toBe(first);
  expect(counter.take().loads).toBe(0);
});

test("a refused code says why over the picture, and the next one is read at once", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  const sheet = await scanner(page);
  const used = kiosk.deposit();
  const picture = await drawToken(page, used);
  const other = await open("otherStaff");
  expect((await other.request.post("/v1/QrData", { data: { data: used } })).status()).toBe(200);
  await showPicture(page, picture);
  await expect(page.getByTestId("refusal")).toContainText(/used/i);
  await expect(page.locator(".scanner-typing")).not.toHaveAttribute("open");
  await showToken(page, kiosk.deposit());
  await expect(sheet.locator("[data-order]").first()).toBeVisible();
  await expect(page.locator("#scan-says")).toBeEmpty();
});

test("without network the code is kept, and sent as soon as there is one", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  const sheet = await scanner(page);
  const picture = await drawToken(page, kiosk.deposit());
  await page.context().setOffline(true);
  await showPicture(page, picture);
  await expect(page.getByTestId("refusal")).toContainText("The server was not reached");
  await page.context().setOffline(false);
  await expect(sheet.locator("[data-order]").first()).toBeVisible();
});
