// The operator's first page: what needs somebody, how full the kiosks are.
import { expect, expectAccessible, test } from "../fixtures/test";

test("what needs somebody stands beside how full the kiosks are on a desk, above it on a phone", async ({ open }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await page.goto("/operator");
  const box = async (testid: string) => (await page.getByTestId(testid).boundingBox())!;
  const [needs, filling] = [await box("needs-you"), await box("filling")];
  expect(filling.x).toBeGreaterThan(needs.x + needs.width - 1);
  await expect(page.getByTestId("needs-repair")).toContainText("2");
  await expect(page.getByTestId("needs-ready")).toContainText("15");
  await expect(page.getByTestId("kiosk-fill").first()).toContainText(/\d+ of \d+ free/);
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  expect((await box("needs-you")).y).toBeLessThan((await box("filling")).y);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByTestId("kiosk-fill").first().click();
  await expect(page).toHaveURL(/\/operator\/kiosks\/\d+$/);
});
