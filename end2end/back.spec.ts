// Back and forward: the browser keeps a page in memory and shows it at once; it is fresh all the same, and gone once somebody signed out.
import { type Page } from "@playwright/test";
import { expect, openAwake, test } from "./fixtures/test";
import { WHOLE_BROWSER } from "./fixtures/whole";

// Tests of a browser are run without that memory unless it is asked for, and the headless shell has none.
test.use({ launchOptions: { ...WHOLE_BROWSER, ignoreDefaultArgs: ["--disable-back-forward-cache"] } });

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** Opens a page that the browser will remember: it is loaded whole, and no worker takes it over later, which makes the browser forget it. */
async function openRemembered(page: Page, path: string): Promise<void> {
  await openAwake(page, path);
  await remembered(page);
}
async function remembered(page: Page): Promise<void> {
  await page.waitForLoadState();
  await page.waitForFunction(() => navigator.serviceWorker.controller);
}

/** Marks the page that is shown now: one that is loaded again has no mark. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => {
    const marked = window as unknown as { mark: boolean; backs: number };
    marked.mark = true;
    marked.backs = 0;
    addEventListener("pageshow", ({ persisted }) => { if (persisted) marked.backs += 1; });
  });
}
const backs = (page: Page) => page.evaluate(() => (window as unknown as { backs?: number }).backs ?? -1);
const isSame = (page: Page) => page.evaluate(() => (window as unknown as { mark?: boolean }).mark === true);

/** Gives the person whose page comes back another name. */
async function rename(page: Page, name: string): Promise<void> {
  await page.goto("/operator/people/01000000004");
  await page.getByTestId("correct").locator("summary").click();
  await page.fill("#name", name);
  await page.getByTestId("correct-save").click();
  await expect(page.locator("h1")).toHaveText(name);
}

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`a list comes back from the browser's memory as it was left (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    await openRemembered(page, "/operator/orders?status=B");
    await mark(page);
    await page.getByTestId("order-row").nth(3).getByRole("link").first().click();
    await expect(page).toHaveURL(/\/operator\/orders\/\d+/);
    await page.goBack({ waitUntil: "commit" });
    await expect(page.getByTestId("order-row").first()).toBeVisible();
    await expect.poll(() => backs(page)).toBe(1);
    // What is asked meanwhile finds nothing new: the page stays.
    await page.waitForLoadState("networkidle");
    expect(await isSame(page), "not loaded again").toBe(true);
  });

  test(`what somebody else changed meanwhile is there when a page comes back, and what is typed in it is kept (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    const other = await open("operator", { viewport });
    await openRemembered(page, "/operator/people/01000000004");
    await mark(page);
    await page.goto("/operator/people");
    await rename(other, "새 이름");
    await page.goBack({ waitUntil: "commit" });
    await expect(page.locator("h1")).toHaveText("새 이름");
    await remembered(page);
    // Where something is typed it stays, and is compared when it is sent.
    await page.getByTestId("correct").locator("summary").click();
    await page.fill("#name", "내가 쓴 이름");
    await mark(page);
    await page.goto("/operator/people");
    await rename(other, "다른 이름");
    await page.goBack({ waitUntil: "commit" });
    await expect.poll(() => backs(page)).toBe(1);
    await page.waitForLoadState("networkidle");
    await expect(page.locator("#name")).toHaveValue("내가 쓴 이름");
    await page.getByTestId("correct-save").click();
    await expect(page.locator("#name-problem")).toContainText("다른 이름");
  });

  test(`where the browser has forgotten the page, it is fresh too (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    const other = await open("operator", { viewport });
    await page.addInitScript(() => addEventListener("pageshow", ({ persisted }) => {
      const [how] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      sessionStorage.setItem("shown", `${sessionStorage.getItem("shown") ?? ""} ${persisted ? "remembered" : how!.type}`);
    }));
    await openRemembered(page, "/operator/people/01000000004");
    // A page that wants to know its end is not remembered, but its answer is in the cache.
    await page.evaluate(() => addEventListener("unload", () => undefined));
    await page.goto("/operator/people");
    await rename(other, "새 이름");
    await page.goBack({ waitUntil: "commit" });
    await expect(page.locator("h1")).toHaveText("새 이름");
    expect(await page.evaluate(() => sessionStorage.getItem("shown"))).toContain("back_forward");
  });

  test(`a live page goes on living when it comes back (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    await openRemembered(page, "/operator");
    const ready = page.getByTestId("needs-ready");
    await expect(ready).toContainText("15");
    await mark(page);
    const makeReady = async () => {
      const other = await open("operator");
      await other.goto("/operator/orders?status=A");
      await other.getByTestId("order-row").first().getByRole("link").first().click();
      await other.getByTestId("make-ready").click();
      await expect(other.getByTestId("make-ready")).toHaveCount(0);
    };
    await page.goto("/operator/nodes");
    await makeReady();
    await page.goBack({ waitUntil: "commit" });
    await expect(ready).toContainText("14");
    await makeReady();
    await expect(ready).toContainText("13");
  });

  test(`after signing out no page comes back (${size})`, async ({ open }) => {
    const page = await open("operator", { viewport });
    await openAwake(page, "/operator/people");
    await expect(page.getByTestId("person-row").first()).toBeVisible();
    await page.goto("/account");
    await page.getByTestId("sign-out").click();
    await expect(page).toHaveURL(/\/sign-in/);
    // On the way back the page that is not there any more leads on by itself.
    for (const _ of [1, 2]) await page.goBack({ waitUntil: "commit" }).catch(() => null);
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.getByTestId("person-row")).toHaveCount(0);
  });
}

test("what is shown once is kept nowhere: it is asked for again on the way back", async ({ open }) => {
  const page = await open("operator", { viewport: SIZES.desk });
  await page.goto("/operator/kiosks/1235");
  await page.getByTestId("make-code").click();
  await expect(page.getByTestId("enrolment-code")).toBeVisible();
  const answer = await page.request.get("/operator/kiosks/1235");
  expect(answer.headers()["cache-control"]).toBe("no-store");
  await mark(page);
  await page.goto("/operator/people");
  await page.goBack();
  await expect(page.getByTestId("enrolment-code")).toBeVisible();
  expect(await isSame(page), "loaded again").toBe(false);
});
