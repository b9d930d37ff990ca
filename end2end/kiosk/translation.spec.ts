// Browsers that translate pages by themselves.
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

test("the kiosk is not translated by the browser, all other pages may be", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol(open, server);
  await expect(kiosk.page.locator("html")).toHaveAttribute("translate", "no");
  const page = await open("nobody");
  await page.goto("/sign-in");
  await expect(page.locator("html")).not.toHaveAttribute("translate", "no");
});
