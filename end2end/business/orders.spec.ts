import { expect, test } from "../fixtures/test";

// In the sample data 한빛전기 and 대성전력 take turns in threes: 1032 to 1034 belong to one, 1035 to 1037 to the other.
const HANBITS = [1032, 1033, 1034].map(String);

test("the first page shows my waiting meters, and one tap shows the code", { tag: "@database" }, async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/business");
  await expect(page.getByTestId("waiting")).toBeVisible();
  await page.getByTestId("find").first().click();
  await expect(page.getByTestId("find-label")).toBeVisible();
  await expect(page.getByTestId("code-card")).toBeVisible();
  await page.getByTestId("find-password").locator("summary").click();
  await expect(page.getByTestId("find-pwd")).toHaveText(/\d{4,12}/);
});

test("another business's order is not to be seen, not to be found, and gives no code", async ({ open }) => {
  const [hanbit, daesung] = [await open("hanbit"), await open("daesung")];
  const mine = await ordersOf(hanbit);
  const theirs = await ordersOf(daesung);
  expect(mine.length).toBeGreaterThan(5);
  expect(mine.filter((order) => theirs.includes(order))).toEqual([]);
  expect(HANBITS.every((order) => mine.includes(order)) || HANBITS.every((order) => theirs.includes(order))).toBe(true);
  for (const path of [`/business/orders/${theirs[0]}`, `/business/orders/${theirs[0]}/find`]) {
    expect((await hanbit.goto(path))!.status()).toBe(403);
    await expect(hanbit.getByTestId("refusal")).toBeVisible();
  }
  const refused = await hanbit.request.post("/v1/Encrypt", { data: { data: { cmd: "OpenToTake", yid: 1234, thingsSq: theirs[0] } } });
  expect(refused.status()).toBe(403);
});

async function ordersOf(page: import("@playwright/test").Page): Promise<string[]> {
  await page.goto("/business/orders?status=all");
  return page.locator("[data-order]").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.order!));
}

test("the history tells who opened what, when, and how we know", { tag: "@database" }, async ({ open }) => {
  const page = await open("hanbit");
  await page.goto("/business/history");
  await expect(page.getByTestId("history")).toBeVisible();
});
