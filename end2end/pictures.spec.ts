// The pictures of README and docs/: `make looks ARGS=--book` takes them again and puts them into docs/pictures. In the tests there is nothing to do.
import { KioskPage, PIN } from "./fixtures/kiosk";
import { expect, test } from "./fixtures/test";
import type { Page } from "@playwright/test";

const PHONE = { width: 390, height: 700 };
const DESK = { width: 1180, height: 720 };

async function picture(page: Page, name: string): Promise<void> {
  if ((await page.locator("[data-testid=elsewhere]").count()) === 0) await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `test-results/looks/book/${name}.png` });
}

if (process.env.LATCHKEY_LOOKS !== undefined) {
  for (const [who, path, size, name] of [
    ["operator", "/operator", DESK, "operator-overview"],
    ["operator", "/operator/kiosks/1234", DESK, "operator-kiosk"],
    ["operator", "/operator/import", DESK, "operator-import"],
    ["staff", "/staff/orders/1016", PHONE, "staff-order"],
    ["owner", "/owner/guards/G0001", PHONE, "owner-guard"],
    ["owner", "/owner/records", DESK, "owner-records"],
  ] as const) {
    test(`picture ${name}`, async ({ open }) => {
      const page = await open(who, { viewport: size, colorScheme: "light" });
      await page.goto(path);
      await picture(page, name);
    });
  }

  test("picture business-find", async ({ open }) => {
    const page = await open("hanbit", { viewport: PHONE, colorScheme: "light" });
    await page.goto("/business");
    await page.locator("main a[href*='/find']").first().click();
    await expect(page.locator("main svg, main img").first()).toBeVisible();
    await picture(page, "business-find");
  });

  test("pictures of the kiosk", async ({ open, server }) => {
    const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, colorScheme: "light" }), server, 1234);
    await picture(kiosk.page, "kiosk-home");
    await kiosk.tile("L");
    await kiosk.type(PIN);
    await kiosk.page.getByTestId("open-first").click();
    await kiosk.closeDoor();
    await expect(kiosk.code).toBeVisible();
    await picture(kiosk.page, "kiosk-code");
  });
}
