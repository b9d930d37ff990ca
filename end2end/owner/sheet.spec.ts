// A new password is asked for in a sheet over the guard's page; without script the same link leads to a page.
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";
import { Counter } from "../fixtures/counter";
import { addGuard } from "./steps";

test("a new password is asked for without leaving the guard, and the sheet closes", async ({ open, guard }) => {
  const door = await guard("E2E-SHEET", "1");
  const page = await open("owner");
  await addGuard(page, door, "Gate");
  const at = page.url().split("?")[0]!;
  await openAwake(page, at);
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  const sheet = page.getByTestId("sheet");
  await page.getByTestId("new-password").click();
  await expect(sheet.getByTestId("new-password-form")).toBeVisible();
  await expect(sheet.locator("h1")).toBeFocused();
  expect(page.url()).toBe(at);
  await expectAccessible(page);
  await page.getByTestId("sheet-close").click();
  await expect(sheet).toBeHidden();
  await expect(page.getByTestId("new-password")).toBeFocused();

  // What is wrong is said in the sheet; nothing typed is lost.
  await page.getByTestId("new-password").click();
  await sheet.getByTestId("own-digits").click();
  await sheet.locator("[name=digits]").fill("12a4");
  await sheet.locator("[name=for_whom]").fill("刘洋");
  await sheet.getByTestId("preset-hour").click();
  await expect(sheet.locator("#digits-problem")).toBeVisible();
  await expect(sheet.locator("[name=digits]")).toHaveValue("12a4");
  await expect(sheet.locator("[name=for_whom]")).toHaveValue("刘洋");
  await sheet.locator("[name=digits]").fill("24681357");
  await sheet.getByTestId("preset-hour").click();
  await expect(sheet.getByTestId("digits")).toHaveText("24681357");
  await expect(sheet.getByTestId("for-whom")).toContainText("刘洋");
  await expect(sheet.getByTestId("delivered")).toBeVisible();
  await expectAccessible(page);
  expect(page.url()).toBe(at);
  // Closed, the guard's page has it, and the digits are gone.
  await page.getByTestId("sheet-close").click();
  await expect(page.getByTestId("grant")).toHaveCount(1);
  await expect(page.getByTestId("grant")).toContainText("刘洋");
  expect(await page.content()).not.toContain("24681357");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);
});

test("on its way turns into: the guard has it, in the sheet and behind it, without anything being loaded again", async ({ open, guard }) => {
  test.setTimeout(120_000);
  const door = await guard("E2E-SHEETWAY", "1");
  const page = await open("owner");
  await addGuard(page, door, "Gate");
  await openAwake(page, page.url().split("?")[0]!);
  door.tell("net off");
  await expect(page.getByTestId("guard-status")).toHaveAttribute("data-status", "3", { timeout: 35_000 });
  const counter = new Counter(page);
  const sheet = page.getByTestId("sheet");
  await counter.tap(page.getByTestId("new-password"));
  await counter.tap(sheet.getByTestId("preset-today"));
  await expect(sheet.getByTestId("digits")).toHaveText(/^\d{6}$/);
  await expect(sheet.getByTestId("waiting")).toBeVisible();
  const digits = (await sheet.getByTestId("digits").innerText()).trim();
  door.tell("net on");
  await expect(sheet.getByTestId("delivered")).toBeVisible();
  await expect(sheet.getByTestId("digits"), "what is shown once stays while it is looked at").toHaveText(digits);
  expect(counter.take()).toEqual({ taps: 2, loads: 0 });
  await page.getByTestId("sheet-close").click();
  await expect(page.getByTestId("grant").getByTestId("delivered")).toBeVisible();
  await expect(page.getByTestId("on-the-way")).toHaveCount(0);

  // Asked for once more, in a sheet of its own page.
  await page.getByTestId("grant").getByRole("link").click();
  await page.getByTestId("reveal-password").click();
  await expect(page.getByTestId("digits")).toHaveText(digits);
  await expect(page.getByTestId("copy")).toBeVisible();
});
