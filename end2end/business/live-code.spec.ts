// The code a business holds to the kiosk: it renews itself, says when it cannot, and keeps the screen on.
import { createHash } from "node:crypto";
import type { BrowserContextOptions, Page } from "@playwright/test";
import { KioskPage } from "../fixtures/kiosk";
import { expect, test, type Who } from "../fixtures/test";

type Open = (who: Who | "nobody", options?: BrowserContextOptions) => Promise<Page>;

/** The page of a stored order's code, its clock in the hands of the test, its wake lock watched. */
async function find(open: Open): Promise<Page> {
  const page = await open("hanbit");
  const answer = await page.request.get("/v1/Orders?customerNo=&status=C&cursor=");
  const { orders } = await answer.json() as { orders: { thingsSq: string; yid: number }[] };
  await page.addInitScript(() => {
    const asked: string[] = [];
    Object.defineProperty(navigator, "wakeLock", {
      value: { request: async (kind: string) => { asked.push(kind); return { release: async () => undefined }; } },
    });
    Object.assign(window, { __asked: asked });
  });
  await page.clock.install();
  await page.goto(`/business/orders/${orders.find((order) => order.yid === 1234)!.thingsSq}/find`);
  // The script runs.
  await expect(page.getByTestId("remaining")).toContainText(/\d:\d\d/);
  return page;
}

/** What the code looks like, in few letters. */
const code = async (page: Page) => createHash("sha256").update(await page.getByTestId("code").innerHTML()).digest("hex");
const live = (page: Page) => page.getByTestId("live-code");

test("it renews itself before it ends, again and again", async ({ open }) => {
  const page = await find(open);
  const asked: string[] = [];
  page.on("request", (request) => { if (request.url().endsWith("/do/business/take-code")) asked.push(request.postData() ?? ""); });
  for (let round = 1; round <= 3; round++) {
    const before = asked.length;
    await page.clock.runFor(8 * 60_000);
    expect(asked, "not before the last minute").toHaveLength(before);
    const shown = await code(page);
    // A minute before the end, and once more where no answer came at once.
    await page.clock.runFor(64_000);
    await expect.poll(() => code(page)).not.toBe(shown);
    expect(asked.length).toBeGreaterThan(before);
    await expect(page.getByTestId("remaining")).toContainText(/10:00|9:\d\d/);
    await expect(live(page)).toHaveAttribute("data-state", "good");
  }
  expect(JSON.parse(asked[0]!)).toMatchObject({ yid: 1234 });
});

test("without network it says so while the code still counts, then that it ended, and renews itself when the network is back", async ({ open }) => {
  const page = await find(open);
  const shown = await code(page);
  const says = live(page).getByRole("status");
  await expect(says).toHaveText("Renews itself");
  await page.context().setOffline(true);
  await page.clock.runFor(9 * 60_000 + 4_000);
  await expect(live(page)).toHaveAttribute("data-state", "offline");
  await expect(says).toHaveText(/network/i);
  await expect(live(page)).toHaveAttribute("data-gone", "false");
  expect(await code(page)).toBe(shown);

  await page.clock.runFor(60_000);
  await expect(live(page)).toHaveAttribute("data-gone", "true");
  await expect(says).toHaveText(/network/i);
  await expect(page.getByTestId("remaining")).toContainText("0:00");

  await page.context().setOffline(false);
  await page.clock.runFor(4_000);
  await expect(live(page)).toHaveAttribute("data-state", "good");
  await expect(live(page)).toHaveAttribute("data-gone", "false");
  expect(await code(page)).not.toBe(shown);
});

test("once the meter was taken by password there is no further code, and the page says so", { tag: "@database" }, async ({ open, server }) => {
  const page = await find(open);
  const label = await page.getByTestId("find-label").innerText();
  await page.getByTestId("find-password").locator("summary").click();
  const pwd = await page.getByTestId("find-pwd").innerText();
  const kiosk = await KioskPage.enrol(open, server);
  await kiosk.tile("K");
  await kiosk.label(label);
  await kiosk.type(pwd);
  await kiosk.closeDoor();
  await expect.poll(async () => {
    const answer = await page.request.get("/v1/Orders?customerNo=&status=D&cursor=");
    return (await answer.json() as { orders: { label: string }[] }).orders.map((order) => order.label);
  }, { timeout: 30_000 }).toContain(label);

  await page.clock.runFor(9 * 60_000 + 4_000);
  await expect(live(page)).toHaveAttribute("data-state", "refused");
  await expect(live(page).getByRole("status")).toHaveText(/There is no new code/);
});

test("the screen is kept on, and asked for again when the page comes back", async ({ open }) => {
  const page = await find(open);
  const asked = () => page.evaluate(() => (window as unknown as { __asked: string[] }).__asked);
  await expect.poll(asked).toEqual(["screen"]);
  await page.evaluate(() => {
    let state = "hidden";
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    state = "visible";
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await expect.poll(asked).toEqual(["screen", "screen"]);
});
