// Every page in every language, on a phone and on a desk: axe finds nothing serious, nothing scrolls sideways (also at 200 %),
// no text is missing. The pictures land in test-results/looks, to be looked at by a person.
import { KioskPage, LANDSCAPE, PIN, PORTRAIT } from "./fixtures/kiosk";
import { type Who, expect, expectAccessible, test } from "./fixtures/test";
import type { Page } from "@playwright/test";

const PAGES: Record<string, [Who | "nobody", string[]]> = {
  "signed out": ["nobody", ["/", "/sign-in", "/no-such-page"]],
  staff: ["staff", [
    "/staff", "/staff/scan", "/staff/orders", "/staff/orders?customerNo=9999", "/staff/orders/1016", "/staff/orders/1033", "/staff/orders/1050",
    "/staff/kiosks", "/staff/kiosks/1234", "/staff/kiosks/1235", "/staff/clock", "/staff/clock/1234", "/staff/pass", "/staff/pass/1234", "/staff/sync", "/account",
  ]],
  business: ["hanbit", ["/business", "/business/orders", "/business/history", "/account"]],
  owner: ["owner", ["/owner", "/account"]],
  operator: ["operator", [
    "/operator", "/operator/people", "/operator/people/new", "/operator/people/01000000002", "/operator/businesses", "/operator/kiosks",
    "/operator/kiosks/new", "/operator/kiosks/1234", "/operator/kiosks/1234/layout", "/operator/kiosks/1234/log", "/operator/orders",
    "/operator/new-order", "/operator/import", "/operator/orders/1050",
  ]],
};
const LANGUAGES = [["ko", "ko-KR"], ["zh", "zh-CN"], ["en", "en-GB"]] as const;

async function looksRight(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `test-results/looks/${name.replaceAll(/[^\w-]+/g, "_")}.png`, fullPage: true });
  await expectAccessible(page);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, "scrolls sideways").toBeLessThanOrEqual(1);
}

for (const [role, [who, paths]] of Object.entries(PAGES)) {
  for (const [lang, locale] of LANGUAGES) {
    test(`${role} pages in ${lang} look right on a phone and on a desk`, async ({ open }) => {
      test.setTimeout(240_000);
      const page = await open(who, { locale });
      for (const path of paths) {
        await page.setViewportSize({ width: 390, height: 844 });
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("lang", lang);
        await expect(page.locator("h1")).toHaveCount(1);
        await looksRight(page, `${lang}-phone${path}`);
        // 200 % zoom of a phone is half its width.
        if (lang === "en") {
          await page.setViewportSize({ width: 320, height: 700 });
          const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(wider, `${path} scrolls sideways on a narrow screen`).toBeLessThanOrEqual(1);
        }
        await page.setViewportSize({ width: 1440, height: 900 });
        await looksRight(page, `${lang}-desk${path}`);
      }
    });
  }
}

test("pages are readable in the dark", async ({ open }) => {
  test.setTimeout(120_000);
  for (const [who, path] of [["staff", "/staff"], ["staff", "/staff/orders"], ["staff", "/staff/kiosks/1234"], ["staff", "/staff/pass/1234"], ["hanbit", "/business"], ["operator", "/operator/kiosks/1234"], ["operator", "/operator/orders"], ["nobody", "/sign-in"]] as const) {
    const page = await open(who, { colorScheme: "dark" });
    await page.goto(path);
    await looksRight(page, `dark${path}`);
  }
});

test("the kiosk is readable in the dark", async ({ open, server }) => {
  const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, colorScheme: "dark" }), server, 1234, PORTRAIT);
  await looksRight(kiosk.page, "dark-kiosk-home");
  await kiosk.tile("K");
  await looksRight(kiosk.page, "dark-kiosk-pick-up");
  await kiosk.page.getByTestId("back").click();
  await kiosk.staffArea();
  await looksRight(kiosk.page, "dark-kiosk-staff");
});

for (const [lang, locale] of LANGUAGES) {
  for (const [form, viewport] of [["portrait", PORTRAIT], ["landscape", LANDSCAPE]] as const) {
    test(`the kiosk's screens in ${lang}, ${form}, look right`, async ({ open, server }) => {
      test.setTimeout(180_000);
      const kiosk = await KioskPage.enrol((nobody, options) => open(nobody, { ...options, locale }), server, 1234, viewport);
      const look = (name: string) => looksRight(kiosk.page, `${lang}-kiosk-${form}-${name}`);
      await look("home");
      await kiosk.tile("K");
      await look("pick-up");
      await kiosk.page.getByTestId("back").click();
      await kiosk.tile("J");
      await look("return");
      await kiosk.page.getByTestId("back").click();
      await kiosk.tile("L");
      await look("identify");
      await kiosk.type(PIN);
      await look("choose");
      await kiosk.page.getByTestId("open-first").click();
      await look("door");
      await kiosk.closeDoor();
      await look("code");
      await kiosk.done();
      await kiosk.staffArea();
      await look("staff-doors");
      for (const tab of ["log", "device"]) {
        await kiosk.page.getByTestId(`tab-${tab}`).click();
        await look(`staff-${tab}`);
      }
    });
  }
}
