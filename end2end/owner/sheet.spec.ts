// A new password is asked for in a sheet over the guard's page; without script the same link leads to a page.
import { expect, expectAccessible, test } from "../fixtures/test";
import { addGuard } from "./steps";

test("a new password is asked for without leaving the guard, and the sheet closes", async ({ open, guard }) => {
  const door = await guard("E2E-SHEET", "1");
  const page = await open("owner");
  await addGuard(page, door, "Gate");
  const at = page.url().split("?")[0]!;
  await page.goto(at, { waitUntil: "networkidle" });
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

  // What is wrong is said in the sheet, or on the form's own page; nothing typed is lost.
  await page.getByTestId("new-password").click();
  await sheet.getByTestId("own-digits").click();
  await sheet.locator("[name=digits]").fill("12a4");
  await sheet.getByTestId("preset-hour").click();
  await expect(page.locator("#digits-problem")).toBeVisible();
  await expect(page.locator("[name=digits]")).toHaveValue("12a4");
  await page.locator("[name=digits]").fill("24681357");
  await page.getByTestId("preset-hour").click();
  await expect(page.getByTestId("digits")).toHaveText("24681357");
  await expect(page.getByTestId("delivered")).toBeVisible();
  await page.goto(at);
  await expect(page.getByTestId("grant")).toHaveCount(1);
});
