// A phone whose storage is full: the browser's own quota, set lower by its debugging protocol. Chromium answers `estimate()` as if there were room, so
// what fails is the writing itself.
import type { CDPSession, Page } from "@playwright/test";
import { Device } from "../fixtures/device";
import { loseNetwork } from "../fixtures/kept";
import { free, online, readyOrders, scan, stored, takeRound } from "../fixtures/round";
import { expect, openAwake, test } from "../fixtures/test";

/** Whether the page's origin can store a little more. */
const canWrite = (page: Page): Promise<boolean> => page.evaluate(() => new Promise<boolean>((done) => {
  const opened = indexedDB.open("test-quota", 1);
  opened.onupgradeneeded = () => opened.result.createObjectStore("some");
  opened.onerror = () => done(false);
  opened.onsuccess = () => {
    const transaction = opened.result.transaction("some", "readwrite");
    transaction.objectStore("some").put("x".repeat(1_000), 1);
    transaction.oncomplete = () => done(true);
    transaction.onabort = () => done(false);
    opened.result.close();
  };
}));

/** Storage that is full until `room` is called. */
class Quota {
  private constructor(private readonly devtools: CDPSession, private readonly page: Page, private readonly origin: string) {}

  static async of(page: Page, origin: string): Promise<Quota> {
    return new Quota(await page.context().newCDPSession(page), page, origin);
  }

  /** The browser looks at its quota again after at most half a minute. */
  async full(): Promise<void> {
    await this.devtools.send("Storage.overrideQuotaForOrigin", { origin: this.origin, quotaSize: 1 });
    await expect.poll(() => canWrite(this.page), { timeout: 60_000, intervals: [2_000] }).toBe(false);
  }

  async room(): Promise<void> {
    await this.devtools.send("Storage.overrideQuotaForOrigin", { origin: this.origin });
    await expect.poll(() => canWrite(this.page)).toBe(true);
  }
}

test("with no room left nothing that was recorded is dropped, and the rest is recorded once there is room", async ({ open, server }) => {
  test.setTimeout(150_000);
  await readyOrders(server, ["9801", "9802"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await takeRound(page, [1234]);
  const [one, two] = free(kiosk, 2).map((door) => kiosk.deposit(door));
  await page.context().setOffline(true);
  await scan(page, one!, "9801");
  const quota = await Quota.of(page, server.url);
  await quota.full();
  await scan(page, two!, "9802");
  await expect(page.getByTestId("told")).toContainText("storage is full");
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(1);
  await page.reload();
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(1);
  await quota.room();
  await scan(page, two!, "9802");
  await expect(page.getByTestId("told")).toContainText("Recorded on this device");
  await online(page);
  await expect.poll(() => stored(page, ["9801", "9802"])).toEqual(["9801", "9802"]);
});

test("a form that found no room says so and keeps what was typed", async ({ open, server }) => {
  test.setTimeout(120_000);
  const page = await open("operator");
  await openAwake(page, "/operator/orders/1016");
  await page.getByTestId("correct").locator("summary").click();
  await loseNetwork(page);
  const customer = page.getByLabel("Customer", { exact: true });
  await customer.fill("남궁민수");
  await page.getByTestId("correct-save").click();
  await expect(page.getByTestId("later")).toBeVisible();
  const quota = await Quota.of(page, server.url);
  await quota.full();
  await page.getByTestId("later").click();
  await expect(page.getByTestId("correct-form").getByTestId("refusal")).toContainText("storage is full");
  await expect(customer).toHaveValue("남궁민수");
  await quota.room();
  await page.getByTestId("later").click();
  await page.waitForURL(/\/unsent/);
  await expect(page.getByTestId("unsent")).toContainText("남궁민수");
});
