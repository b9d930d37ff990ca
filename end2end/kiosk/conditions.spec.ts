// A door that an operator takes out of use, far from the kiosk.
import type { Page } from "@playwright/test";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test } from "../fixtures/test";

async function setCondition(operator: Page, label: string, status: "B" | "C"): Promise<void> {
  await operator.goto("/operator/kiosks/1234/layout");
  await operator.locator(`[data-testid=door-row][data-door=${label}]`).locator("select").last().selectOption(status);
  await operator.getByTestId("layout-form").getByRole("button").click();
  await expect(operator.getByTestId("notice")).toBeVisible();
}

test("a door an operator takes out of use is so at the kiosk too, and no older report undoes it", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(150_000);
  const kiosk = await KioskPage.enrol(open, server);
  const door = kiosk.page.getByTestId("cabinet").locator("[data-door=B1]");
  await expect(door).toContainText("Free");
  // Set while the kiosk cannot know: its own story goes on, and arrives later.
  await kiosk.offline(true);
  const operator = await open("operator", { viewport: { width: 1440, height: 900 } });
  await setCondition(operator, "B1", "C");
  await kiosk.tile("J");
  await kiosk.type("1046");
  await kiosk.page.getByTestId("cabinet").locator("[data-door=B2]").click();
  await kiosk.closeDoor();
  await kiosk.done();

  await kiosk.offline(false);
  await expect(door).toContainText("Out of order", { timeout: 60_000 });
  await operator.goto("/operator/kiosks/1234/log");
  await expect(operator.locator("main")).toContainText("Condition set");
  const known = operator.getByTestId("cabinet").locator("[data-door=B1]");
  await operator.goto("/operator/kiosks/1234");
  await expect(known).toContainText("Out of order");

  // Staff who repaired it put it back in use at the kiosk, and that counts.
  await kiosk.staffArea();
  await kiosk.page.getByTestId("cabinet").locator("[data-door=B1]").click();
  await kiosk.page.getByTestId("set-free").click();
  await expect(async () => {
    await operator.goto("/operator/kiosks/1234");
    await expect(known).toContainText("Free", { timeout: 500 });
  }).toPass({ timeout: 60_000 });
});
