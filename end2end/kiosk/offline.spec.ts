// The page kept on the device, by whatever address it was opened.
import { expect, test } from "../fixtures/test";

test("opened with a slash too many it is enrolled, and starts without a network by either address", async ({ open, server }) => {
  test.setTimeout(120_000);
  const page = await open("nobody", { viewport: { width: 1280, height: 800 } });
  await page.goto("/kiosk/");
  await expect(page.getByTestId("enrol")).toBeVisible();
  for (const digit of await server.enrolmentCode(1234)) await page.getByTestId(`pad-${digit}`).click();
  await page.getByTestId("pad-enter").click();
  await expect(page.getByTestId("tile-L")).toBeVisible();
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  await page.context().setOffline(true);
  for (const address of ["/kiosk/", "/kiosk", "/kiosk//", "/kiosk/?from=home"]) {
    await page.goto(address);
    await expect(page.getByTestId("tile-L"), address).toBeVisible();
    expect(new URL(page.url()).pathname, address).toBe("/kiosk");
  }
});
