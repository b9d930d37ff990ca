// Results while somebody types; the same address shows them without script.
import type { Page } from "@playwright/test";
import { expect, openAwake, test } from "../fixtures/test";

const FIELD = "[data-search] input[type=search]";

/** The search of staff, with the script that searches while one types at work. */
async function search(page: Page): Promise<void> {
  await openAwake(page, "/staff/orders");
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
}

const isSamePage = (page: Page) => page.evaluate(() => (window as unknown as { same?: boolean }).same === true);
const numbers = (page: Page) => page.locator("#results [data-hit] .order-no").allInnerTexts();

/** The number of a customer who has one order. */
async function customer(page: Page): Promise<string> {
  const answer = await page.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { customerNo: string }[] };
  for (const { customerNo } of orders) {
    await page.goto(`/staff/orders?q=${customerNo}`);
    if ((await numbers(page)).length === 1) return customerNo;
  }
  throw new Error("every customer has several orders");
}

test("results come while typing, once the letters stop, and stand in the address", { tag: "@database" }, async ({ open }) => {
  const page = await open("staff");
  const number = await customer(page);
  await search(page);
  const asked: string[] = [];
  page.on("request", (request) => { if (request.resourceType() === "fetch" && request.url().includes("/staff/orders?")) asked.push(request.url()); });
  await page.locator(FIELD).pressSequentially(number, { delay: 20 });
  await expect.poll(() => numbers(page)).toEqual([number]);
  await expect(page).toHaveURL(new RegExp(`[?&]\\w+=${number}(&|$)`));
  await expect(page.locator(FIELD)).toBeFocused();
  expect(asked.length, "not at every letter").toBeLessThan(number.length);
  expect(await isSamePage(page)).toBe(true);

  const plain = await open("staff", { javaScriptEnabled: false });
  await plain.goto(page.url());
  expect(await numbers(plain)).toEqual([number]);
  await expect(plain.locator(FIELD)).toHaveValue(number);
});

test("an answer to earlier letters that comes late changes nothing", async ({ open }) => {
  const page = await open("staff");
  const number = await customer(page);
  await search(page);
  let late = () => {};
  const held = new Promise<void>((release) => { late = release; });
  let answered = Promise.resolve();
  await page.route((url) => url.pathname === "/staff/orders" && [...url.searchParams.values()].includes(number.slice(0, 2)), async (route) => {
    await held;
    await route.continue();
    answered = page.waitForResponse(route.request().url()).then(() => undefined);
  });
  const first = page.waitForRequest((request) => request.url().includes(`=${number.slice(0, 2)}&`));
  await page.locator(FIELD).pressSequentially(number.slice(0, 2));
  await first;
  await page.locator(FIELD).pressSequentially(number.slice(2));
  await expect.poll(() => numbers(page)).toEqual([number]);
  late();
  await answered;
  await page.waitForTimeout(500);
  expect(await numbers(page)).toEqual([number]);
});

test("Enter opens a sole hit, and shows the list where there are several", async ({ open }) => {
  const page = await open("staff");
  const number = await customer(page);
  await search(page);
  await page.locator(FIELD).fill(number);
  await expect.poll(() => numbers(page)).toEqual([number]);
  await page.locator(FIELD).press("Enter");
  await expect(page).toHaveURL(/\/staff\/orders\/[^?]+$/);

  await search(page);
  await page.locator(FIELD).fill(number.slice(0, 3));
  await expect.poll(async () => (await numbers(page)).length).toBeGreaterThan(1);
  await page.locator(FIELD).press("Enter");
  await page.waitForURL(/\/staff\/orders\?/);
  await expect.poll(() => isSamePage(page)).toBe(false);
});
