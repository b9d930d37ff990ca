// The customer first, then the code: chosen in a sheet over the camera, which is not left.
import { Device } from "../fixtures/device";
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";

test("the customer is chosen in a sheet over the camera, and the code scanned afterwards completes that order", async ({ open, server }) => {
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await openAwake(page, "/staff/scan");
  await page.evaluate(() => { (window as unknown as { same: boolean }).same = true; });
  const looking = () => page.locator("video").evaluate((video: HTMLVideoElement) => video.srcObject !== null);
  await expect.poll(looking).toBe(true);

  await page.getByTestId("choose-first").click();
  const sheet = page.getByTestId("sheet");
  await expect(sheet.locator("[data-order]").first()).toBeVisible();
  await expect.poll(looking, "the camera rests").toBe(false);
  await expectAccessible(page);
  // The search in it works as on its own page, and leaves the address alone.
  const number = (await sheet.locator(".order-no").first().innerText()).trim();
  await sheet.locator("input[type=search]").fill(number);
  await expect.poll(async () => new Set(await sheet.locator(".order-no").allInnerTexts())).toEqual(new Set([number]));
  expect(new URL(page.url()).pathname).toBe("/staff/scan");
  const order = await sheet.locator("[data-order]").first().getAttribute("data-order");
  await sheet.locator("[data-order]").first().click();

  await expect(sheet).toBeHidden();
  await expect(page.getByTestId("scan-order")).toContainText(number);
  await expect(page).toHaveURL(new RegExp(`/staff/scan\\?order=${order}$`));
  await expect.poll(looking).toBe(true);
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);

  await page.locator(".scanner-typing summary").click();
  await page.locator("textarea[name=code]").fill(kiosk.deposit());
  await page.getByTestId("typed-form").getByRole("button").click();
  await expect(page.getByTestId("deposit-done")).toBeVisible();
  await expect(page.getByTestId("deposit-done")).toContainText(number);
  await page.getByTestId("next-deposit").click();
  await expect.poll(looking).toBe(true);
});
