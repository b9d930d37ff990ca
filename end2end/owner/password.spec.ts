import { expect, test } from "../fixtures/test";
import { addGuard, register } from "./steps";

test("a password is copied, shared and sent in words a visitor understands", async ({ open, guard }) => {
  const door = await guard("E2E-P", "1");
  const page = await open("nobody", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "share", { configurable: true, value: async (data: ShareData) => { document.body.dataset.shared = data.text ?? ""; } });
  });
  await register(page, "13500000041", "何先生");
  await addGuard(page, door, "东门");
  await page.getByTestId("new-password").click();
  await page.getByTestId("preset-today").click();
  const digits = (await page.getByTestId("digits").innerText()).trim();
  await page.getByTestId("copy").click();
  await expect(page.locator(".says")).toHaveText("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(new RegExp(`^The password of 东门 is ${digits}\\. It is valid .*00:00\\.$`));
  await page.getByTestId("share").click();
  await expect(page.locator("body")).toHaveAttribute("data-shared", new RegExp(`^The password of 东门 is ${digits}\\. It is valid .*00:00\\.$`));
  const sms = decodeURIComponent((await page.getByTestId("sms").getAttribute("href"))!);
  expect(sms).toContain(`The password of 东门 is ${digits}. It is valid `);
});

test("dates and times are picked without a script, and nothing is deleted or cancelled unasked", async ({ open, guard }) => {
  const door = await guard("E2E-D", "1");
  const page = await open("nobody", { javaScriptEnabled: false });
  await register(page, "13500000051", "冯先生");
  await addGuard(page, door, "西门");
  const at = page.url().split("?")[0]!;
  await page.goto(`${at}/new-password`);
  await page.getByTestId("own-span").click();
  for (const field of ["#start_time", "#end_time"]) {
    await expect(page.locator(field)).toHaveAttribute("type", "datetime-local");
    await expect(page.locator(field)).toHaveValue(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
  }
  const year = new Date().getFullYear() + 1;
  await page.fill("#start_time", `${year}-05-04T08:30`);
  await page.fill("#end_time", `${year}-05-04T10:00`);
  await page.getByTestId("own-digits").click();
  await page.fill("#digits", "11335577");
  await page.getByTestId("make-own").click();
  await expect(page.getByTestId("digits")).toHaveText("11335577");
  await expect(page.locator("#state")).toContainText(`4 May ${year}, 08:30 – 10:00`);
  await expect(page.locator("#state")).toContainText("Begins in");
  await door.says(/^granted: .* 1 grants/);
  door.tell("password 11335577");
  await door.says(/^refused: not-yet-valid/);

  // Asking shows what will happen; only the answer does it.
  await page.goto(at);
  await page.getByTestId("grant").getByRole("link").click();
  await expect(page.getByTestId("cancel-yes")).toBeHidden();
  await page.getByTestId("cancel-ask").click();
  await expect(page.getByTestId("cancel-yes")).toBeVisible();
  await page.goto(at);
  await expect(page.getByTestId("grant")).toHaveCount(1);
  await page.getByTestId("delete-guard").click();
  await expect(page.locator("main")).toContainText("1 authorisation ends at once");
  await page.goto(at);
  await expect(page.getByTestId("grant")).toHaveCount(1);
  await page.getByTestId("grant").getByRole("link").click();
  await page.getByTestId("cancel-ask").click();
  await page.getByTestId("cancel-yes").click();
  await expect(page.getByTestId("grant")).toHaveCount(0);
  await page.getByTestId("delete-guard").click();
  await page.getByTestId("delete-yes").click();
  await expect(page.getByTestId("empty")).toBeVisible();
});

test("what is about to end stands first and says so; what the guard knows and when it was heard of stand apart", { tag: "@database" }, async ({ open, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-S", "1");
  const page = await open("nobody");
  await register(page, "13500000061", "陈先生");
  await addGuard(page, door, "南门");
  const at = page.url().split("?")[0]!;
  await page.goto(`${at}/new-password`);
  await page.getByTestId("preset-month").click();
  await expect(page.getByTestId("delivered")).toBeVisible();
  // Began yesterday in the zone of the door, ends in a minute or two.
  const local = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
  await page.goto(`${at}/new-password`);
  await page.getByTestId("own-span").click();
  await page.fill("#start_time", local(Date.now() - 86_400_000));
  await page.fill("#end_time", local(Date.now() + 120_000));
  await page.getByTestId("make-own").click();
  await expect(page.getByTestId("digits")).toBeVisible();
  await page.goto(at);
  const grants = page.getByTestId("grant");
  await expect(grants).toHaveCount(2);
  await expect(grants.first().getByTestId("ends-soon")).toBeVisible();
  await expect(grants.nth(1).getByTestId("ends-soon")).toHaveCount(0);

  const header = page.getByTestId("guard-header");
  await expect(header).toContainText("Last seen");
  await expect(header).toContainText("Last confirmed");
  door.tell("fault on");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "2");
  door.tell("fault off");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "1");
  door.tell("net off");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "3", { timeout: 35_000 });
  await expect(page.getByTestId("guard-status")).toContainText("Not connected since");
  await page.goto(`${at}/new-password`);
  await page.getByTestId("preset-hour").click();
  await expect(page.getByTestId("digits")).toBeVisible();
  await page.goto(at);
  await expect(page.getByTestId("on-the-way")).toHaveText(/1 change on its way/);
  await expect(grants.filter({ has: page.getByTestId("waiting") })).toHaveCount(1);
  door.tell("net on");
  await expect(page.getByTestId("on-the-way")).toHaveCount(0);
  await expect(grants.filter({ has: page.getByTestId("waiting") })).toHaveCount(0);
});
