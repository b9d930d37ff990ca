// A device that takes the place of another, which broke or whose site data were cleared before it could tell the server what it did.
import { KioskPage, PIN } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

test("a full door is not offered as free by the device that replaces the one which filled it, and staff settle it", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(120_000);
  const first = await KioskPage.enrol(open, server);
  await first.offline(true);
  const label = await first.deposit();

  const second = await KioskPage.enrol(open, server);
  await expect(second.page.getByTestId("half-done")).toBeVisible();
  await second.tile("L");
  await second.type(PIN);
  await expect(second.page.getByTestId("open-first")).toHaveCount(0);
  await second.page.getByTestId("back").click();

  await second.staffArea();
  const door = second.page.getByTestId("cabinet").locator(`[data-door=${label}]`);
  await door.click();
  await expect(second.page.getByTestId("half-done-story")).toContainText("Another device was this kiosk before");
  await second.page.getByTestId("settle-stored").click();
  await expect(second.page.getByTestId("code-label")).toHaveText(label);
  await second.done();
  await second.staffArea();
  await door.click();
  await expect(second.page.getByTestId("settle-stored")).toHaveCount(0);
});
