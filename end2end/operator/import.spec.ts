// Orders from a file: sent with a bar, looked at, imported with progress, mended, and gone on with after the window was closed.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test } from "../fixtures/test";

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 } };
const HEADER = "thingsSq,customerNo,customerName,address,meterKind,business\n";

const rows = (from: number, to: number, business: string) =>
  Array.from({ length: to - from }, (_, at) => `${from + at},${from + at},김서연,서울시 중구 을지로 ${at},LP,${business}\n`).join("");

async function choose(page: Page, content: string | Buffer, name = "orders.csv"): Promise<void> {
  await page.goto("/operator/import");
  await page.setInputFiles("input[type=file]", { name, mimeType: "text/csv", buffer: Buffer.from(content) });
}

for (const [size, options] of [["desk", DESK], ["phone", PHONE]] as const) {
  test(`equal refusals are one card whose value is mended by one tap (${size})`, async ({ open }) => {
    const page = await open("operator", options);
    await choose(page, `${HEADER}${rows(50_000, 50_003, "한빛전기")}${rows(50_003, 50_503, "새한전력")}59999,,빈,서울,LP,한빛전기\n`);
    await page.getByRole("button", { name: "Check the file" }).click();
    await expect(page.getByTestId("rows-added")).toHaveText("3");
    await expect(page.getByTestId("rows-refused")).toHaveText("501");
    await expect(page.getByTestId("refusal-group")).toHaveCount(2);
    await expect(page.getByTestId("refused-value").first()).toContainText("새한전력");
    await expect(page.getByTestId("sample-row")).toHaveCount(5);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Add this business" }).click();
    await expect(page.getByTestId("notice")).toBeVisible();
    await expect(page.getByTestId("rows-added")).toHaveText("503");
    await page.getByRole("button", { name: "Import 503 rows" }).click();
    await expect(page.getByTestId("import-says")).toContainText("503 were added");
    await expect(page.getByTestId("rows-unchanged")).toHaveText("503");
    const download = page.waitForEvent("download");
    await page.getByTestId("refused-file").click();
    expect((await download).suggestedFilename()).toBe("refused.csv");
  });
}

test("a large file is sent with a bar and imported with progress; stopped in the middle it goes on", { tag: "@database" }, async ({ open }) => {
  const page = await open("operator", DESK);
  await page.goto("/operator/import", { waitUntil: "networkidle" });
  const content = `${HEADER}${rows(100_000, 120_000, "한빛전기")}`;
  await page.setInputFiles("input[type=file]", { name: "많은 주문.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByTestId("upload-bar")).toBeVisible({ timeout: 1_000 });
  await expect(page.getByRole("heading", { name: "많은 주문.csv" })).toBeVisible();
  await expect(page.getByTestId("rows-added")).toHaveText("20,000");
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  // One part after the other: the second waits until the window is closed.
  let parts = 0;
  await page.route("**/do/operator/run-import", async (route) => {
    parts += 1;
    if (parts === 1) await route.continue();
  });
  await page.getByTestId("run-import").click();
  await expect(page.getByTestId("ready-progress")).toBeVisible({ timeout: 1_000 });
  await expect(page.getByTestId("ready-progress")).toContainText(/[1-9][\d,]+ of 20,000 rows/);
  // The window is closed.
  await page.goto("/operator/import");
  await page.unroute("**/do/operator/run-import");
  await expect(page.getByTestId("upload")).toContainText(/Stopped: [\d,]+ of 20,000 rows/);
  await page.getByTestId("upload").click();
  await expect(page.getByTestId("import-says")).toContainText("Every row is either imported or not touched");
  await page.getByRole("button", { name: "Go on importing" }).click();
  await expect(page.getByTestId("import-says")).toContainText("20,000 were added", { timeout: 30_000 });
  await expect(page.getByTestId("way-on")).toBeVisible();
});

test("an unreadable file shows an error in the form and hides the bar", async ({ open }) => {
  const page = await open("operator", PHONE);
  await page.goto("/operator/import", { waitUntil: "networkidle" });
  await page.setInputFiles("input[type=file]", { name: "x.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByTestId("upload-refused")).toContainText("The column “a” is not known");
  await expect(page.getByTestId("upload-bar")).toBeHidden();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByTestId("upload-refused")).toContainText("The server was not reached");
  await page.context().setOffline(false);
});

test("without a script the same file is checked, imported and mended", async ({ open }) => {
  const page = await open("operator", { ...PHONE, javaScriptEnabled: false });
  await choose(page, `${HEADER}${rows(60_000, 60_002, "한빛전기")}${rows(60_002, 60_004, "또다른업체")}`);
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByTestId("rows-added")).toHaveText("2");
  await page.getByTestId("run-import").click();
  await expect(page.getByTestId("import-says")).toContainText("2 were added");
  await page.getByRole("button", { name: "Add this business" }).click();
  await page.getByTestId("run-import").click();
  await expect(page.getByTestId("import-says")).toContainText("4 were added");
  await page.getByTestId("discard").click();
  await expect(page).toHaveURL(/\/operator\/import\?notice/);
});

test("a person says which encoding a short Korean file has, and sees the letters", async ({ open }) => {
  const page = await open("operator", DESK);
  // 휑뎅 in EUC-KR is Chinese just as well.
  await choose(page, Buffer.concat([Buffer.from(`${HEADER}70001,1,`), Buffer.from([0xc8, 0xe2, 0xb5, 0xa7]), Buffer.from(",Seoul,LP,x\n")]));
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.locator("select[name=encoding]").selectOption("euc-kr");
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(page.getByTestId("encoding")).toContainText("EUC-KR");
  await expect(page.getByTestId("sample-row")).toHaveCount(1);
});

test("names of 200 letters, from right to left and with emoji stay inside a phone", async ({ open }) => {
  const page = await open("operator", PHONE);
  const long = "가".repeat(100);
  await choose(page, `${HEADER}70001,1,${"x".repeat(100)},${"y".repeat(200)},LP,${long}\n70002,2,עברית 😀,${"ع".repeat(200)},LP,😀شركة\n`);
  await page.getByRole("button", { name: "Check the file" }).click();
  await expect(page.getByTestId("refused-value")).toHaveCount(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByTestId("add-all-businesses").click();
  await expect(page.getByTestId("rows-added")).toHaveText("2");
});
