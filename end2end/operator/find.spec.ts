// One field for everything, from every page.
import { expect, expectAccessible, openAwake, test } from "../fixtures/test";

for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
  test(`Ctrl+K leads to one field that finds pages, orders, people, kiosks, guards and businesses (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    await page.goto("/operator/nodes", { waitUntil: "networkidle" });
    await page.keyboard.press("Control+k");
    await expect(page).toHaveURL(/\/operator\/find$/);
    const field = page.getByRole("searchbox");
    await expect(field).toBeFocused();
    await page.locator("html[data-awake]").waitFor({ state: "attached" });
    for (const [typed, href] of [
      ["import o", "/operator/import"], ["1016", "/operator/orders/1016"], ["01000000002", "/operator/people/01000000002"],
      ["강남", "/operator/kiosks/1235"], ["G0001", "/operator/guards?q=G0001"], ["대성전력", "/operator/businesses/%EB%8C%80%EC%84%B1%EC%A0%84%EB%A0%A5"],
    ] as const) {
      await field.fill(typed);
      await expect(page.locator(`[data-testid=found][href="${href}"]`), typed).toBeVisible();
      await expect(field, "typing goes on").toBeFocused();
    }
    await field.fill("nothing-like-it");
    await expect(page.getByTestId("empty")).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(viewport.width);
    await openAwake(page, "/operator/find?q=1016");
    await page.getByRole("searchbox").press("Enter");
    await expect(page).toHaveURL(/\/operator\/orders\/1016$/);
  });
}

for (const [size, viewport] of [["desk", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]] as const) {
  test(`of several hits Enter opens the first, and the arrows go from one to the next (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    await openAwake(page, "/operator/find");
    const [field, found] = [page.getByRole("searchbox"), page.getByTestId("found")];
    // Pressed before the answer is there, Enter waits for it.
    await field.pressSequentially("101");
    await field.press("Enter");
    await expect(page).toHaveURL(/\/operator\/orders\/\d+$/);
    await openAwake(page, "/operator/find?q=101");
    expect(await found.count()).toBeGreaterThan(2);
    const hrefs = await found.evaluateAll((all) => all.map((one) => one.getAttribute("href")!));
    await page.getByRole("searchbox").press("ArrowDown");
    await expect(found.first()).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await expect(found.nth(1)).toBeFocused();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expect(field).toBeFocused();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL((url) => url.pathname + url.search === hrefs[1]);
    await openAwake(page, "/operator/find?q=101");
    await page.getByRole("searchbox").press("Enter");
    await expect(page).toHaveURL((url) => url.pathname + url.search === hrefs[0]);
  });
}

test("without a script the field works as a form", async ({ open }) => {
  const page = await open("operator", { javaScriptEnabled: false });
  await page.goto("/operator");
  await page.getByTestId("find").click();
  await page.getByRole("searchbox").fill("import g");
  await page.getByRole("searchbox").press("Enter");
  await expect(page).toHaveURL(/\/operator\/guards\/import$/);
});
