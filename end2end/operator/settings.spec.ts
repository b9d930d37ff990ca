// The settings of the deployment, what is made of them elsewhere, and what is printed.
import { KioskPage } from "../fixtures/kiosk";
import { expect, expectAccessible, test } from "../fixtures/test";

// One pixel.
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
const looks = (name: string) => ({ path: `test-results/looks/${name}.png`, fullPage: true });

test("name, logo and contact line stand on pages and kiosks, and every change is listed", async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await KioskPage.enrol(open, server);
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await page.goto("/operator/settings");
  await page.locator("#name").fill("Seoul Power & Meters");
  await page.locator("#contact").fill("Call 02-123-4567, 9 to 18");
  await page.locator("#language").selectOption("ko");
  await page.getByTestId("save-settings").click();
  await expect(page.getByTestId("notice")).toBeVisible();
  await expect(page.locator("header").first()).toContainText("Seoul Power & Meters");
  await page.locator("input[type=file]").setInputFiles({ name: "logo.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>") });
  await page.getByTestId("logo-form").locator("button").click();
  await expect(page.getByTestId("refusal")).toContainText("SVG files are not accepted");
  await page.locator("input[type=file]").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: PNG });
  await page.getByTestId("logo-form").locator("button").click();
  await expect(page.getByTestId("logo")).toHaveJSProperty("naturalWidth", 1);
  await expect(page.getByTestId("setting-change")).toHaveCount(4);
  await expect(page.getByTestId("setting-changes")).toContainText("“nothing” became “Seoul Power & Meters”");
  await expectAccessible(page);
  if (process.env.LATCHKEY_LOOKS) await page.screenshot(looks("en-desk-settings"));
  await page.setViewportSize({ width: 390, height: 844 });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, "scrolls sideways").toBeLessThanOrEqual(1);
  if (process.env.LATCHKEY_LOOKS) await page.screenshot(looks("en-phone-settings"));

  await expect(kiosk.page.getByTestId("contact")).toHaveText("Call 02-123-4567, 9 to 18", { timeout: 60_000 });
  await expect(kiosk.page.locator(".kiosk-logo")).toHaveJSProperty("naturalWidth", 1);
  // Nobody is there: the next visitor finds the deployment's language.
  await expect(kiosk.page.locator("html")).toHaveAttribute("lang", "ko", { timeout: 60_000 });
  if (process.env.LATCHKEY_LOOKS) await kiosk.page.screenshot(looks("ko-kiosk-settings"));
});

test("on a phone the menu shows the current page, and a tap beside the languages closes them", async ({ open }) => {
  const page = await open("operator");
  await page.goto("/operator/settings");
  const here = page.locator(".way-here");
  await expect(here).toBeInViewport({ ratio: 0.9 });
  await page.getByTestId("language").click();
  await expect(page.locator("#languages")).toBeVisible();
  await page.locator("h1").click();
  await expect(page.locator("#languages")).toBeHidden();
});

test("door labels are printed alone, without menus and buttons", async ({ open }) => {
  const page = await open("operator", { viewport: { width: 1440, height: 900 } });
  await page.goto("/operator/kiosks/1234/layout");
  await page.getByTestId("to-labels").click();
  await expect(page.getByTestId("labels").locator("li")).toHaveCount(16);
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("body > header")).toBeHidden();
  await expect(page.getByTestId("print")).toBeHidden();
  await expect(page.getByTestId("labels")).toBeVisible();
  if (process.env.LATCHKEY_LOOKS) {
    await page.screenshot(looks("print-labels"));
    await page.pdf({ path: "test-results/looks/labels.pdf", format: "A4" });
    await page.goto("/operator/orders/1050");
    await page.pdf({ path: "test-results/looks/order.pdf", format: "A4" });
    await page.screenshot(looks("print-order"));
  }
});

test("with sample data one page shows every component, readable in the light, the dark, with more contrast and in few colours", async ({ open }) => {
  for (const options of [{}, { colorScheme: "dark" }, { contrast: "more" }, { forcedColors: "active" }] as const) {
    const page = await open("nobody", { viewport: { width: 1440, height: 900 }, ...options });
    await page.goto("/style");
    await expect(page.getByTestId("components")).toBeVisible();
    await expect(page.getByTestId("doors").locator("[data-door]")).toHaveCount(9);
    await expectAccessible(page);
    if (process.env.LATCHKEY_LOOKS) await page.screenshot(looks(`style-${JSON.stringify(options).replaceAll(/\W/g, "")}`));
    await page.setViewportSize({ width: 390, height: 844 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, "scrolls sideways").toBeLessThanOrEqual(1);
  }
});
