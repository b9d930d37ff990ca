import { expect, test } from "../fixtures/test";
import type { Page } from "@playwright/test";

const DESK = { viewport: { width: 1440, height: 900 } };

async function upload(page: Page, content: string | Buffer): Promise<void> {
  await page.goto("/operator/guards/import");
  await page.setInputFiles("input[type=file]", { name: "guards.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
  await page.getByTestId("import-form").locator("button").click();
}

test("the inventory shows every guard, whose it is and how it is, and finds it by its bar code", { tag: "@database" }, async ({ open, guard }) => {
  const door = await guard("ZZ-9", "1");
  const page = await open("operator", DESK);
  await page.goto("/operator");
  await page.getByRole("link", { name: "Guards", exact: true }).click();
  await expect(page.getByTestId("guard-row")).toHaveCount(6);
  const row = (id: string) => page.getByTestId("guard-row").filter({ hasText: id });
  await expect(row("ZZ-9")).toContainText("Working");
  await expect(row("ZZ-9")).toContainText("Nobody");
  await expect(row("G0001")).toContainText("138 0000 0001");
  await expect(row("G0001")).toContainText("Not connected");
  door.tell("fault on");
  await expect(async () => {
    await page.reload();
    await expect(row("ZZ-9")).toContainText("Faulty", { timeout: 500 });
  }).toPass();
  await page.locator("input[name=q]").fill("G000");
  await page.locator("input[name=q]").press("Enter");
  await expect(page).toHaveURL(/q=G000/);
  await expect(page.getByTestId("guard-row")).toHaveCount(5);
  await page.goto("/operator/guards?q=nothing-like-it");
  await expect(page.getByTestId("empty")).toBeVisible();
  await page.goto("/operator/guards");
  await row("G0001").getByRole("link").click();
  await expect(page).toHaveURL(/\/operator\/people\/13800000001$/);
});

for (const javaScriptEnabled of [true, false]) {
  test(`an import takes the good rows and says what is wrong with the others, JavaScript ${javaScriptEnabled ? "on" : "off"}`, { tag: "@database" }, async ({ open }) => {
    const page = await open("operator", { ...DESK, javaScriptEnabled });
    await upload(page, "deviceKey,guardId\nabcdefghijklmnopqrst,N-1\nshort,N-2\nanother-key-0123456789,G0001\nabcdefghijklmnopqrst,\nanother-key-0123456789,N-3\n");
    await expect(page.getByTestId("rows-added")).toHaveText("2");
    await expect(page.getByTestId("rows-unchanged")).toHaveText("0");
    await expect(page.getByTestId("rows-refused")).toHaveText("3");
    await expect(page.getByTestId("refusal-group")).toHaveText([/deviceKey.*Lines 3/, /guardId.*Lines 4/, /guardId.*Lines 5/]);
    await expect(page.locator("main")).not.toContainText("abcdefghijklmnopqrst");
    await page.getByTestId("run-import").click();
    await expect(page.getByTestId("import-says")).toContainText("2 were added");
    await upload(page, "guardId,deviceKey\nN-1,abcdefghijklmnopqrst\n");
    await expect(page.getByTestId("rows-unchanged")).toHaveText("1");
    await page.goto("/operator/guards?q=N-");
    await expect(page.getByTestId("guard-row")).toHaveCount(2);
  });
}

test("a file that is not CSV changes nothing and says why", async ({ open }) => {
  const page = await open("operator", DESK);
  for (const [content, why] of [["a,b\n1,2\n", /“a”/], ["guardId\nN-1\n", /deviceKey/], ["", /file/i]] as const) {
    await upload(page, content);
    await expect(page.getByTestId("upload-refused")).toContainText(why);
  }
  await page.goto("/operator/guards");
  await expect(page.getByTestId("guard-row")).toHaveCount(5);
  // Owners have no part in it.
  const owner = await open("owner");
  expect((await owner.goto("/operator/guards"))!.status()).toBe(403);
});
