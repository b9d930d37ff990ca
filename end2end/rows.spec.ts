// Small things of every page: words, titles, errors, what happens after saving and on the way back, dates, paper. On a phone and on a desk.
import { type Page } from "@playwright/test";
import { Device } from "./fixtures/device";
import { type Who, expect, openAwake, test } from "./fixtures/test";

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const WAYS = [true, false].flatMap((javaScriptEnabled) => Object.entries(SIZES).map(([size, viewport]) => ({
  how: `${size}, ${javaScriptEnabled ? "with" : "without"} JavaScript`, options: { viewport, javaScriptEnabled },
})));
const LISTS: [Who, string][] = [
  ["operator", "/operator/orders?status=A"], ["operator", "/operator/people"], ["operator", "/operator/kiosks"], ["operator", "/operator/orders/1016"],
  ["operator", "/operator/kiosks/1234"], ["operator", "/operator/import"], ["staff", "/staff/orders"], ["hanbit", "/business/orders"],
  ["operator", "/operator/new-order"], ["owner", "/owner/guards/G0001"], ["owner", "/owner/guards/G0001/new-card"],
];

for (const { how, options } of WAYS) {
  test(`no page calls things by the letters and names of fields (${how})`, async ({ open }) => {
    for (const [who, path] of LISTS) {
      const page = await open(who, options);
      await page.goto(path);
      const text = await page.locator("main").evaluate((main) => {
        const shown = main.cloneNode(true) as HTMLElement;
        // How a file is made names its columns as they are.
        shown.querySelectorAll("script, style, [data-testid=file-format]").forEach((one) => one.remove());
        return shown.textContent ?? "";
      });
      expect(text, path).not.toMatch(/thingsSq|customerNo|\byid\b|\bdnCode\b|DN code|: [A-D] → [A-D]|→ [A-D]\b/);
    }
    const page = await open("operator", options);
    await page.goto("/operator/orders?status=A");
    await expect(page.getByTestId("ready-chosen")).toContainText(/ready/i);
  });

  test(`what was saved is said once, and not again by a reload or a bookmark (${how})`, async ({ open }) => {
    const page = await open("operator", options);
    await page.goto("/operator/kiosks/1235");
    const form = page.getByTestId("edit");
    await form.locator("#name").fill("새 이름");
    await form.getByRole("button").click();
    await expect(page.getByTestId("notice")).toBeVisible();
    if (!options.javaScriptEnabled) return;
    await expect(page).not.toHaveURL(/notice/);
    await page.reload();
    await expect(page.getByTestId("notice")).toHaveCount(0);
    // A page that leads back to itself stays where it was.
    await form.locator("#name").fill("또 새 이름");
    await form.getByRole("button").scrollIntoViewIfNeeded();
    const before = await page.evaluate(() => scrollY);
    await form.getByRole("button").click();
    await expect(page.getByTestId("notice")).toBeInViewport();
    if (before > 0) expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0);
  });

  test(`Back leads to the place in the list (${how})`, async ({ open }) => {
    const page = await open("operator", options);
    await page.goto("/operator/orders");
    const row = page.getByTestId("order-row").nth(40).getByRole("link").first();
    await row.scrollIntoViewIfNeeded();
    await row.click();
    await expect(page).toHaveURL(/\/operator\/orders\/\d+$/);
    await page.goBack();
    await expect(row).toBeInViewport();
  });

  test(`after a deposit the next scan is the main way on (${how})`, async ({ open, server }) => {
    const kiosk = await Device.enrol(server, 1234);
    const page = await open("staff", options);
    await page.goto("/staff/orders/1016");
    await page.getByTestId("type-code").click();
    await page.locator("#code").fill(kiosk.deposit());
    await page.getByTestId("complete-typed").click();
    await expect(page.getByTestId("deposit-done")).toBeVisible();
    const next = page.getByTestId("next-deposit");
    await expect(next).toHaveClass(/btn-primary/);
    await expect(next).toHaveAttribute("href", "/staff/scan");
    await expect(page.locator("main .btn-primary")).toHaveCount(1);
  });

  test(`an order is called the same on every page, and what is not there says so with a way on (${how})`, async ({ open }) => {
    for (const [who, path] of [["operator", "/operator/orders/1016"], ["staff", "/staff/orders/1016"], ["hanbit", "/business/orders/1016"]] as const) {
      const page = await open(who, options);
      await page.goto(path);
      await expect(page.locator("h1"), path).toHaveText(/^Order 1016 · .+ · Ready$/);
      await expect(page, path).toHaveTitle(/^Order 1016 · .+ · Ready · /);
      const missing = await page.goto("/no-such-page");
      expect(missing!.status()).toBe(404);
      await expect(page.locator("h1")).toHaveText("Not found");
      await expect(page.locator("main").getByRole("link").first()).toBeVisible();
    }
  });

  test(`everything that is wrong with a form is said at once, and the focus is on the first (${how})`, async ({ open }) => {
    const page = await open("operator", options);
    await page.goto("/operator/new-order");
    await page.locator("form [required]").evaluateAll((fields) => fields.forEach((field) => field.removeAttribute("required"))).catch(() => undefined);
    if (!options.javaScriptEnabled) await page.setContent((await page.content()).replaceAll(/ required(="")?/g, ""));
    await page.locator("#things_sq").fill("x".repeat(70));
    await page.locator("[name='texts.customer_no']").fill("y".repeat(40));
    await page.locator("[name='texts.customer_name']").fill("kept");
    await page.getByTestId("order-form").getByRole("button").click();
    for (const field of ["things_sq", "texts.customer_no", "texts.business"]) await expect(page.locator(`[id="${field}-problem"]`), field).toBeVisible();
    await expect(page.locator("[name='texts.customer_name']")).toHaveValue("kept");
    await expect(page.locator("#things_sq")).toBeFocused();
  });

  test(`no date is broken in two, and days are headings (${how})`, async ({ open }) => {
    for (const [who, path] of [
      ["owner", "/owner/guards/G0001"], ["owner", "/owner/records"], ["operator", "/operator"], ["operator", "/operator/orders/1050"],
      ["operator", "/operator/kiosks/1234/log"], ["staff", "/staff/orders/1050"], ["hanbit", "/business"],
    ] as const) {
      const page = await open(who, options);
      await page.goto(path);
      const times = page.locator("main time:visible");
      expect(await times.count(), path).toBeGreaterThan(0);
      expect(await times.evaluateAll((all) => all.filter((time) => time.getClientRects().length > 1).length), path).toBe(0);
      if (path === "/owner/records") {
        await expect(page.getByTestId("record-day").first()).toBeVisible();
        // The heading has the day, the rows the time alone.
        const rows = await page.getByTestId("record").locator("time").allInnerTexts();
        expect(rows.filter((text) => !/^\d\d:\d\d(:\d\d)?$/.test(text))).toEqual([]);
      }
    }
  });

  test(`on paper there are no menus, banners and buttons (${how})`, async ({ open }) => {
    for (const [who, path] of [
      ["operator", "/operator/orders/1050"], ["operator", "/operator/orders?status=B"], ["owner", "/owner/records"], ["operator", "/operator/kiosks/1234/labels"],
      ["staff", "/staff/orders/1050"],
    ] as const) {
      const page = await open(who, options);
      await page.goto(path);
      await page.emulateMedia({ media: "print" });
      await expect(page.locator("body > header"), path).toBeHidden();
      await expect(page.getByTestId("demo"), path).toBeHidden();
      await expect(page.locator("main .btn:visible"), path).toHaveCount(0);
      await expect(page.locator("main h1"), path).toBeVisible();
    }
  });
}

test("a secret is printed with its address and nothing around it", async ({ open }) => {
  const page: Page = await open("operator", { viewport: SIZES.desk });
  await openAwake(page, "/operator/kiosks/1235");
  await page.getByTestId("make-code").click();
  await expect(page.getByTestId("enrolment-code")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByTestId("enrolment-code")).toBeVisible();
  await expect(page.getByTestId("address")).toBeVisible();
  await expect(page.locator("body > header")).toBeHidden();
  await expect(page.locator("main .btn:visible")).toHaveCount(0);
});
