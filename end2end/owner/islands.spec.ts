// What wasm adds to pages that work without it: nothing is fetched twice, nothing offends the policy of the page, a form is sent once.
import type { Page } from "@playwright/test";
import { complaints } from "../fixtures/complaints";
import { expect, test } from "../fixtures/test";
import { addGuard } from "./steps";

test("a page with islands keeps to its policy, and what it asks for in its head it uses", async ({ open, guard }) => {
  const door = await guard("E2E-ISL", "1");
  const owner = await open("owner");
  const heard = complaints(owner);
  await addGuard(owner, door, "Gate");
  await owner.getByTestId("new-password").click();
  await owner.getByTestId("preset-hour").click();
  await expect(owner.getByTestId("sheet").getByTestId("delivered")).toBeVisible();
  const staff = await open("staff");
  heard.push(...await visited(staff, ["/staff/scan", "/staff/clock/1234", "/staff/pass/1234"]));
  const business = await open("hanbit");
  const answer = await business.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string }[] };
  heard.push(...await visited(business, [`/business/orders/${orders[0]!.thingsSq}/find`]));
  expect(heard).toEqual([]);
});

/** What was heard while these pages were open, each long enough for a browser to miss the use of what was preloaded. */
async function visited(page: Page, paths: string[]): Promise<string[]> {
  const heard = complaints(page);
  const wasm: string[] = [];
  page.on("request", (request) => { if (request.url().endsWith(".wasm") && request.frame() === page.mainFrame()) wasm.push(request.url()); });
  for (const path of paths) {
    wasm.length = 0;
    await page.goto(path, { waitUntil: "networkidle" });
    expect(new Set(wasm).size, `${path} fetches its file once: ${wasm}`).toBe(wasm.length);
  }
  await page.waitForTimeout(4_000);
  return heard;
}

test("a page that missed nothing is not fetched again, and one that missed something is", async ({ open, guard }) => {
  const door = await guard("E2E-SEEN", "1");
  const page = await open("owner");
  await addGuard(page, door, "Gate");
  const fetched: string[] = [];
  page.on("request", (request) => { if (request.resourceType() === "fetch" && request.url().includes("/owner/guards/")) fetched.push(request.url()); });
  const at = page.url().split("?")[0]!;
  // What the guard answers soon after it was added is news; after that there is none.
  await expect(async () => {
    fetched.length = 0;
    const listening = page.waitForRequest((request) => request.url().includes("/owner/live?seen="));
    await page.goto(at);
    await listening;
    await page.waitForTimeout(1_500);
    expect(fetched).toEqual([]);
  }).toPass({ timeout: 30_000 });

  door.tell("password 0000");
  await expect(page.getByTestId("record").first()).toHaveAttribute("data-state", "refused");
  const before = fetched.length;
  expect(before).toBeGreaterThan(0);

  // Out of sight it does not listen; back again it catches up.
  await hide(page, true);
  const other = await open("owner");
  await other.goto(page.url());
  await other.getByTestId("new-password").click();
  await other.getByTestId("preset-hour").click();
  await expect(other.getByTestId("digits")).toBeVisible();
  await expect(page.getByTestId("grant")).toHaveCount(0);
  await hide(page, false);
  await expect(page.getByTestId("grant")).toHaveCount(1);
  expect(fetched.length).toBeGreaterThan(before);
});

async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);
}

for (const taps of [3, 10]) {
  test(`${taps} taps on a button make one password, and the button shows that it works`, async ({ open, guard }) => {
    const door = await guard(`E2E-TAP${taps}`, "1");
    const page = await open("owner");
    await addGuard(page, door, "Gate");
    const at = page.url().split("?")[0]!;
    await page.goto(`${at}/new-password`);
    const sent: string[] = [];
    await page.route("**/*", async (route) => {
      const request = route.request();
      if (request.method() === "POST" && request.url().includes("/do/")) {
        sent.push(request.url());
        await new Promise((later) => setTimeout(later, 1_500));
      }
      await route.continue();
    });
    const seen = await tap(page, "preset-hour", taps);
    expect(seen).toMatchObject({ busy: "true", delay: "0.3s" });
    expect(seen.drawn, "the page shows that it works").toBeGreaterThan(0);
    await expect(page.getByTestId("digits")).toBeVisible();
    expect(sent).toHaveLength(1);
    // Back on the form the button works again.
    await page.goBack();
    await expect(page.locator("form[data-busy]")).toHaveCount(0);
    await page.goto(at);
    await expect(page.getByTestId("grant")).toHaveCount(1);
  });
}

/** Taps a button of a form this number of times at once; what it says then, after how long the progress bar begins, and how much of it is drawn (0 to 1) in the end. */
function tap(page: Page, testid: string, taps: number): Promise<{ busy: string | null; delay: string; drawn: number }> {
  // Inside the page: Playwright waits for the answer before it looks.
  return page.getByTestId(testid).evaluate(async (button: HTMLButtonElement, taps) => {
    for (let i = 0; i < taps; i++) button.click();
    const busy = button.getAttribute("aria-busy");
    const bar = getComputedStyle(document.documentElement, "::before");
    const delay = bar.animationDelay;
    await new Promise((later) => setTimeout(later, 900));
    return { busy, delay, drawn: bar.content === "none" ? 0 : new DOMMatrix(bar.transform).a };
  }, taps);
}
