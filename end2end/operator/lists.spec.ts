// Lists for work: dense rows on a desk, cards on a phone, keyboard, and what is done with many rows at once.
import { type Page } from "@playwright/test";
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 } };
const ROW = "#results [data-order]";

/** A file of received orders, as a utility would deliver it. */
function orders(count: number): Buffer {
  const lines = ["thingsSq,customerNo,customerName,address,meterKind,business,status"];
  for (let at = 0; at < count; at++) {
    lines.push(`7${at + 10_000},0770${at + 100_000},김민준,"서울특별시 서초구 서초대로 254, ${at % 900 + 101}호",단상 저압 30A,한빛전기,A`);
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

async function add(page: Page, count: number): Promise<void> {
  await page.goto("/operator/import");
  await page.setInputFiles("input[type=file]", { name: "orders.csv", mimeType: "text/csv", buffer: orders(count) });
  await page.getByTestId("import-form").locator("button").click();
  await page.getByTestId("run-import").click({ timeout: 60_000 });
  await expect(page.getByTestId("import-says")).toContainText("were added", { timeout: 60_000 });
}

/** Rows that are to be seen as a whole without scrolling. */
function seen(page: Page): Promise<number> {
  return page.locator(ROW).evaluateAll((rows) => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length);
}

for (const [who, path] of [["operator", "/operator/orders"], ["staff", "/staff/orders"], ["hanbit", "/business/orders"]] as const) {
  test(`14 orders are to be seen on a desk and 4 on a phone: ${path}`, async ({ open }) => {
    const desk = await open(who, DESK);
    await desk.goto(path);
    expect(await seen(desk)).toBeGreaterThanOrEqual(14);
    const height = await desk.locator(ROW).first().evaluate((row) => row.getBoundingClientRect().height);
    expect(Math.round(height)).toBe(44);
    await expectAccessible(desk);
    // The head stays where it is.
    await desk.mouse.wheel(0, 600);
    const head = desk.locator(".work thead th").last();
    await expect.poll(() => head.evaluate((cell) => Math.round(cell.getBoundingClientRect().top))).toBe(0);

    const phone = await open(who, PHONE);
    await phone.goto(path);
    expect(await seen(phone)).toBeGreaterThanOrEqual(4);
    await expectAccessible(phone);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a list is sorted, gone through and opened by a click anywhere in a row, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open }) => {
    for (const size of [DESK, PHONE]) {
      const page = await open("operator", { ...size, javaScriptEnabled });
      await page.goto("/operator/orders");
      await expect(page.getByTestId("count")).toHaveText("1–50 of 60");
      await page.getByTestId("next-page").click();
      await expect(page.getByTestId("count")).toHaveText("51–60 of 60");
      await page.getByTestId("previous-page").click();
      await expect(page.getByTestId("count")).toHaveText("1–50 of 60");
      if (size === DESK) {
        await page.getByTestId("sort-order-no").click();
        await page.getByTestId("sort-order-no").click();
        await expect(page.locator(ROW).first()).toHaveAttribute("data-order", "1060");
        await expect(page.locator("th[aria-sort=descending]")).toContainText("Order number");
      }
      await page.goto("/operator/orders?page=1000000000000000000");
      await expect(page.getByTestId("empty")).toContainText("There is no page 1000000000000000000");
      await page.getByTestId("last-page").click();
      await expect(page.getByTestId("count")).toHaveText("51–60 of 60");
      await page.goto("/operator/orders?sort=nonsense");
      await expect(page.getByTestId("not-sorted")).toContainText("nonsense");
      const order = (await page.locator(ROW).nth(3).getAttribute("data-order"))!;
      const { height, width } = (await page.locator(ROW).nth(3).boundingBox())!;
      await page.locator(ROW).nth(3).click({ position: { x: width - 5, y: height - 3 } });
      await expect(page).toHaveURL(new RegExp(`/operator/orders/${order}$`));
      // Back leads to where the list was.
      await page.goBack();
      await expect(page.locator(ROW).first()).toBeVisible();
    }
  });
}

test("all received orders are made ready without JavaScript, by three clicks", async ({ open }) => {
  const page = await open("operator", { ...PHONE, javaScriptEnabled: false });
  await page.goto("/operator");
  await page.getByTestId("count-A").click();
  await page.getByTestId("ready-all").locator("summary").click();
  await page.getByTestId("ready-all-yes").click();
  await expect(page.getByTestId("notice")).toContainText("orders are ready now");
  await expect(page.getByTestId("empty")).toBeVisible();
});

test("25,000 received orders become ready in three clicks and ten seconds, with how far it is, and can be stopped", async ({ open }) => {
  test.setTimeout(180_000);
  const page = await open("operator", DESK);
  await add(page, 25_000);
  await page.goto("/operator");
  const begun = Date.now();
  await page.getByTestId("count-A").click();
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  await page.getByTestId("ready-all").locator("summary").click();
  await page.getByTestId("ready-all-yes").click();
  const progress = page.getByTestId("ready-progress");
  await expect(progress).toContainText(/of 25,\d{3} orders are ready/);
  await page.getByTestId("ready-cancel").click();
  await expect(page.getByTestId("notice")).toContainText("orders are ready now");
  const left = page.getByTestId("count");
  await expect(left).toContainText(/of \d/);
  // What was stopped goes on where it was.
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  await page.getByTestId("ready-all").locator("summary").click();
  await page.getByTestId("ready-all-yes").click();
  await expect(page.getByTestId("notice")).toContainText("orders are ready now", { timeout: 30_000 });
  await expect(page.getByTestId("empty")).toBeVisible();
  console.log(`25,000 orders ready after ${Date.now() - begun} ms`);
});

test("rows that somebody else changed meanwhile are left and counted", async ({ open }) => {
  const page = await open("operator", DESK);
  const other = await open("operator", DESK);
  await openAwake(page, "/operator/orders?status=A");
  const rows = page.locator(ROW);
  for (const at of [0, 1, 2]) await rows.nth(at).getByRole("checkbox").check();
  await expect(page.getByTestId("ready-chosen")).toBeVisible();
  const order = (await rows.first().getAttribute("data-order"))!;
  await other.goto(`/operator/orders/${order}`);
  await other.getByTestId("make-ready").click();
  await expect(other.getByTestId("make-ready")).toHaveCount(0);
  await page.getByTestId("ready-chosen").click();
  await expect(page.getByTestId("notice")).toContainText("Orders that are ready now: 2. Left as they were, because somebody else changed them: 1.");
});

for (const javaScriptEnabled of [true, false]) {
  test(`an order made ready by one tap is undone by another, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ open }) => {
    const page = await open("operator", { ...PHONE, javaScriptEnabled });
    await page.goto("/operator/orders?status=A");
    const row = page.locator(ROW).first();
    const order = (await row.getAttribute("data-order"))!;
    await row.getByTestId("ready-one").click();
    await expect(page.locator(`[data-order='${order}']`)).toHaveCount(0);
    await page.getByTestId("undo-ready").click();
    await expect(page.locator(`[data-order='${order}']`)).toBeVisible();
    await expect(page).toHaveURL(/\/operator\/orders\?/);
  });
}

test("a list is worked through by keyboard", async ({ open }) => {
  const page = await open("operator", DESK);
  await openAwake(page, "/operator/orders?status=A");
  const focused = () => page.evaluate(() => document.activeElement?.closest("tr")?.dataset.order ?? "");
  const orders = await page.locator(ROW).evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.order!));
  await page.keyboard.press("j");
  expect(await focused()).toBe(orders[0]);
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.keyboard.press("k");
  expect(await focused()).toBe(orders[1]);
  expect(await page.locator(`${ROW} input:checked`).count()).toBe(2);
  await page.keyboard.press("Escape");
  expect(await page.locator(`${ROW} input:checked`).count()).toBe(0);
  await page.getByTestId("choose-page").check();
  expect(await page.locator(`${ROW} input:checked`).count()).toBe(orders.length);
  await page.keyboard.press("/");
  await expect(page.locator("input[type=search]")).toBeFocused();
  // Letters go into the field.
  await page.keyboard.type("jkx");
  await expect(page.locator("input[type=search]")).toHaveValue("jkx");
  // What is found while typing takes the place of the rows, and of what has the focus among them.
  await expect(page.locator(ROW)).toHaveCount(0);
  await page.locator("input[type=search]").fill("");
  await expect(page.locator(ROW)).toHaveCount(orders.length);
  await page.keyboard.press("Escape");
  await expect(page.locator("input[type=search]")).not.toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/operator\/orders\/[^?]+$/);
});

test("what is listed is saved as a file, filters included", async ({ open }) => {
  for (const [who, path, name] of [
    ["operator", "/operator/orders?status=B", "orders.csv"], ["staff", "/staff/orders?status=B", "orders.csv"], ["hanbit", "/business/orders?status=B", "orders.csv"],
    ["operator", "/operator/people?role=staff", "people.csv"], ["operator", "/operator/kiosks", "kiosks.csv"],
    ["operator", "/operator/guards", "guards.csv"], ["operator", "/operator/businesses", "businesses.csv"],
  ] as const) {
    const page = await open(who, PHONE);
    await page.goto(path);
    const saved = page.waitForEvent("download");
    await page.getByTestId("export").click();
    expect((await saved).suggestedFilename(), path).toBe(name);
  }
});
