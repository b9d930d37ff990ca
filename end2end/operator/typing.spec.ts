// Results while somebody types, on every list with a search: those of operators, of owners, and of businesses. The lists of staff have tests of their own.
import type { Page } from "@playwright/test";
import { type Who, expect, openAwake, test } from "../fixtures/test";
import { addGuard } from "../owner/steps";

const FIELD = "[data-search] input[type=search]";
const isSamePage = (page: Page) => page.evaluate(() => (window as unknown as { same?: boolean }).same === true);

async function visit(page: Page, path: string): Promise<void> {
  await openAwake(page, path);
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
}

interface List { who: Who; path: string; row: string; text: string; opens: RegExp }

const lists: List[] = [
  { who: "operator", path: "/operator/orders?status=", row: "[data-testid=order-row]", text: "1016", opens: /\/operator\/orders\/1016$/ },
  { who: "operator", path: "/operator/people", row: "[data-testid=person-row]", text: "01000000003", opens: /\/operator\/people\/01000000003$/ },
  { who: "operator", path: "/operator/businesses", row: "[data-testid=business-row]", text: "한빛전기", opens: /\/operator\/orders\?business=/ },
  { who: "operator", path: "/operator/kiosks", row: "[data-testid=kiosk-row]", text: "1235", opens: /\/operator\/kiosks\/1235$/ },
  { who: "operator", path: "/operator/guards", row: "[data-testid=guard-row]", text: "G0001", opens: /\/operator\/people\/13800000001$/ },
  { who: "hanbit", path: "/business/orders", row: "[data-hit]", text: "1016", opens: /\/business\/orders\/1016$/ },
];

for (const { who, path, row, text, opens } of lists) {
  test(`${path.split("?")[0]}: results come while typing, stand in the address, and a sole hit opens with Enter`, async ({ open }) => {
    const page = await open(who);
    await visit(page, path);
    const before = await page.locator(`#results ${row}`).count();
    expect(before).toBeGreaterThan(1);
    const asked: string[] = [];
    page.on("request", (request) => { if (request.resourceType() === "fetch") asked.push(request.url()); });
    await page.locator(FIELD).pressSequentially(text, { delay: 20 });
    await expect(page.locator(`#results ${row}`)).toHaveCount(1);
    await expect(page.locator(FIELD)).toBeFocused();
    expect(asked.length, "not at every letter").toBeLessThan(Math.max(text.length, 2));
    expect(new URL(page.url()).searchParams.get("q")).toBe(text);
    expect(await isSamePage(page)).toBe(true);

    // The same address, and the same form, without script.
    const plain = await open(who, { javaScriptEnabled: false });
    await plain.goto(page.url());
    await expect(plain.locator(`#results ${row}`)).toHaveCount(1);
    await expect(plain.locator(FIELD)).toHaveValue(text);
    await plain.locator(FIELD).press("Enter");
    await expect(plain).toHaveURL(opens);

    await page.locator(FIELD).press("Enter");
    await expect(page).toHaveURL(opens);
  });
}

test("an answer to earlier letters that comes late changes nothing, on a list with filters", async ({ open }) => {
  const page = await open("operator");
  await visit(page, "/operator/people");
  let late = () => {};
  const held = new Promise<void>((release) => { late = release; });
  let answered = Promise.resolve();
  await page.route((url) => url.pathname === "/operator/people" && url.searchParams.get("q") === "010", async (route) => {
    await held;
    await route.continue();
    answered = page.waitForResponse(route.request().url()).then(() => undefined);
  });
  const first = page.waitForRequest((request) => new URL(request.url()).searchParams.get("q") === "010");
  await page.locator(FIELD).pressSequentially("010");
  await first;
  await page.locator(FIELD).pressSequentially("00000003");
  await expect(page.locator("#results [data-testid=person-row]")).toHaveCount(1);
  late();
  await answered;
  await page.waitForTimeout(500);
  await expect(page.locator("#results [data-testid=person-row]")).toHaveCount(1);
  expect(new URL(page.url()).searchParams.get("q")).toBe("01000000003");
  // A filter beside the field counts as typing.
  await page.locator(FIELD).fill("");
  await page.selectOption("select[name=role]", "staff");
  await expect(page.locator("#results [data-testid=person-row]")).toHaveCount(2);
  expect(await isSamePage(page)).toBe(true);
});

test("rows that came while typing can be made ready, and the list they stand in is kept", async ({ open }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await visit(page, "/operator/orders?q=nothing-like-this");
  await page.locator(FIELD).fill("013");
  await page.selectOption("select[name=status]", "A");
  const rows = page.locator("#results [data-testid=order-row]");
  await expect(rows.first()).toBeVisible();
  const order = (await rows.first().getAttribute("data-order"))!;
  await rows.first().getByTestId("ready-one").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  const kept = new URL(page.url()).searchParams;
  expect([kept.get("q"), kept.get("status")]).toEqual(["013", "A"]);
  await expect(page.locator(`[data-order='${order}']`)).toHaveCount(0);
});

test("an owner's records and guards are found while typing, and events do not bring back what was asked before", async ({ open, guard }) => {
  test.setTimeout(120_000);
  const page = await open("owner");
  await visit(page, "/owner/records");
  await page.getByTestId("more-filters").click();
  await page.locator("input[name=person]").pressSequentially("刘洋", { delay: 20 });
  await expect(page).toHaveURL(/person=/);
  await expect.poll(async () => new Set(await page.getByTestId("record").locator(".record-who").allInnerTexts()).size).toBe(1);
  expect(await isSamePage(page)).toBe(true);
  await expect(page.getByTestId("more-filters")).toBeVisible();

  // The guards have a search once they fill more than a page.
  for (let i = 0; i < 20; i++) await addGuard(page, await guard(`E2E-MANY${i}`, "1"), i === 7 ? "Seventh heaven" : `Gate ${i}`);
  await visit(page, "/owner");
  await page.locator(FIELD).pressSequentially("heaven", { delay: 20 });
  await expect(page.locator("#results [data-guard]")).toHaveCount(1);
  const other = await open("owner");
  await other.goto("/owner/guards/E2E-MANY3/new-password");
  await other.getByTestId("preset-hour").click();
  await expect(other.getByTestId("digits")).toBeVisible();
  await page.waitForTimeout(1_500);
  await expect(page.locator("#results [data-guard]")).toHaveCount(1);
  await page.locator(FIELD).press("Enter");
  await expect(page).toHaveURL(/\/owner\/guards\/E2E-MANY7$/);
});

test("the row that had the focus keeps it while results come, and what is ticked stays ticked", async ({ open }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await visit(page, "/operator/orders?status=A");
  const rows = page.locator("#results [data-testid=order-row]");
  const numbers = await rows.locator("b.order-no").allInnerTexts();
  // Rows that are found by these digits as well, and one that is not.
  const text = numbers[1]!.slice(0, 5);
  const kept = numbers.map((number, at) => ({ number, at })).filter(({ number }) => number.includes(text));
  expect(kept.length).toBeGreaterThan(1);
  const order = async (at: number) => (await rows.nth(at).getAttribute("data-order"))!;
  const [first, second] = [await order(kept[0]!.at), await order(kept[1]!.at)];
  await page.locator(`[data-order='${first}'] .pick input`).check();
  let answer = () => {};
  const held = new Promise<void>((release) => { answer = release; });
  await page.route((url) => url.pathname === "/operator/orders" && url.searchParams.get("q") === text, async (route) => {
    await held;
    await route.continue();
  });
  await page.locator(FIELD).fill(text);
  // Before the results are there, the keys go on into the list.
  await page.locator(`[data-order='${second}'] a.row-go`).focus();
  answer();
  await expect(rows.locator("mark").first()).toBeVisible();
  await expect(page.locator(`[data-order='${second}'] a.row-go`)).toBeFocused();
  await expect(page.locator(`[data-order='${first}'] .pick input`)).toBeChecked();
  await page.locator(`[data-order='${second}'] .pick input`).focus();
  await page.locator(FIELD).evaluate((field: HTMLInputElement) => { field.value = ""; field.dispatchEvent(new Event("input", { bubbles: true })); });
  await expect(rows).toHaveCount(numbers.length);
  await expect(page.locator(`[data-order='${second}'] .pick input`)).toBeFocused();
  // A row that is gone leaves the focus to the one in its place.
  await page.locator(`[data-order='${second}'] a.row-go`).focus();
  const other = await order(numbers.findIndex((number) => !number.includes(text)));
  await page.locator(FIELD).evaluate((field: HTMLInputElement, asked) => { field.value = asked; field.dispatchEvent(new Event("input", { bubbles: true })); }, other);
  await expect(page.locator(`[data-order='${second}']`)).toHaveCount(0);
  await expect(page.locator("#results a.row-go:focus")).toHaveCount(1);
});
