// A round with the network off: deposits and the data of kiosks stay on the phone, and are sent once, whatever happens to the phone meanwhile.
import type { Page } from "@playwright/test";
import { drawToken, showPicture } from "../fixtures/camera";
import { ownClock, putClock } from "../fixtures/clock";
import { Device } from "../fixtures/device";
import { banner, free, online, openUnsent, orders, readyOrders, record, rowOf, scan, stored, takeRound } from "../fixtures/round";
import { expect, expectAccessible, test } from "../fixtures/test";

/** The page is killed, and the app is opened again: without network, or where it was left. */
async function killed(page: Page, path = "/staff"): Promise<Page> {
  const again = await page.context().newPage();
  await page.close({ runBeforeUnload: false });
  await again.goto(path);
  return again;
}

/** Storage that can be full: the browser then ends the transaction, as it does where its quota is used up. */
async function fillable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...value) {
      const request = put.apply(this, value);
      if (localStorage.getItem("test-full") && this.name === "outbox") this.transaction.abort();
      return request;
    };
  });
}

test("a deposit with the network off: scanned by the camera, its order chosen, kept over a restart, sent by itself", { tag: "@database" }, async ({ open, server }) => {
  test.setTimeout(120_000);
  const kiosk = await Device.enrol(server, 1234);
  let page = await open("staff");
  await takeRound(page, [1234]);
  const picture = await drawToken(page, kiosk.deposit());
  await page.context().setOffline(true);
  await page.goto("/staff");
  await expect(banner(page)).toHaveText(/No network since \d\d:\d\d/);
  await expect(page.getByTestId("kept-at")).toHaveText(/As of \d\d:\d\d/);
  await expectAccessible(page);
  await page.getByTestId("offline-scan").click();
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  await expectAccessible(page);
  await expect.poll(() => page.locator("video").evaluate((video: HTMLVideoElement) => video.srcObject !== null)).toBe(true);
  await showPicture(page, picture);
  await page.waitForURL(/\/unsent/);
  await expect(page.getByTestId("scans")).toContainText("서초지사 1층");
  page = await killed(page);
  await expect(page.getByTestId("scans")).toBeVisible();
  const row = page.locator("[data-order]").first();
  const order = (await row.getAttribute("data-order"))!;
  await row.click();
  await expect(page.getByTestId("unsent")).toContainText("Waits for the network");
  await expect(page.getByTestId("scans")).toBeHidden();
  await expect(page.locator(`[data-order="${order}"]`)).toBeHidden();
  await expect(banner(page)).toContainText("1 not sent");
  await expectAccessible(page);
  page = await killed(page);
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(1);
  expect(await stored(page, [order])).toEqual([]);
  await online(page);
  await expect.poll(() => stored(page, [order])).toEqual([order]);
  await page.goto("/staff");
  await expect(banner(page)).toHaveCount(0);
});

test("50 deposits at 3 kiosks, with the phone killed in between, are all stored once", async ({ open, server }) => {
  test.setTimeout(120_000);
  await server.cli(["kiosk", "add", "--yid", "1300", "--name", "세 번째", "--boards", "2", "--ports", "8"]);
  const numbers = Array.from({ length: 50 }, (_, at) => String(9_001 + at));
  await readyOrders(server, numbers);
  const kiosks = [await Device.enrol(server, 1234), await Device.enrol(server, 1235), await Device.enrol(server, 1300)];
  let page = await open("staff");
  await takeRound(page, [1234, 1235, 1300]);
  await page.context().setOffline(true);
  const codes = [[0, 4], [1, 34], [2, 12]].flatMap(([at, count]) => free(kiosks[at!]!, count!).map((door) => kiosks[at!]!.deposit(door)));
  for (const at of [0, 1, 2]) {
    await scan(page, codes[at]!, numbers[at]!);
    page = await killed(page, "/unsent");
    await expect(banner(page)).toContainText(`${at + 1} not sent`);
  }
  await record(page, numbers.map((order, at) => ({ order, code: codes[at]! })).slice(3));
  page = await killed(page, "/unsent");
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(50);
  await expect(banner(page)).toContainText("50 not sent");
  await online(page);
  await expect.poll(async () => (await stored(page, numbers)).length, { timeout: 20_000 }).toBe(50);
  await expect(banner(page)).toHaveCount(0);
  const places = (await orders(page, "C")).filter((order) => numbers.includes(order.thingsSq)).map((order) => `${order.yid} ${order.label}`);
  expect(new Set(places).size).toBe(50);
});

test("the server away and the network there: kept, and sent once the server is back, also where the page is killed while it sends", async ({ open, server }) => {
  test.setTimeout(120_000);
  const numbers = ["9101", "9102", "9103", "9104"];
  await readyOrders(server, numbers);
  const kiosk = await Device.enrol(server, 1234);
  let page = await open("staff");
  await takeRound(page, [1234]);
  const codes = free(kiosk, 4).map((door) => kiosk.deposit(door));
  await server.stopOnly();
  for (const [at, number] of numbers.entries()) await scan(page, codes[at]!, number);
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(4);
  await server.startAgain();
  // Its requests reach the server and are answered, but nobody hears the answers.
  let sent = 0;
  await page.context().route("**/do/staff/send-deposit", async (route) => {
    sent += 1;
    await route.fetch();
    await route.abort();
  });
  await expect.poll(() => sent, { timeout: 20_000 }).toBeGreaterThan(1);
  await page.context().unroute("**/do/staff/send-deposit");
  page = await killed(page);
  await expect.poll(() => stored(page, numbers)).toEqual(numbers);
  await expect(banner(page)).toHaveCount(0);
  for (const number of numbers) {
    const answer = await page.request.get(`/staff/orders/${number}`);
    expect((await answer.text()).match(/data-happening="stored"/g)?.length ?? 1).toBe(1);
  }
});

test("a deposit that the kiosk did not report waits for it, and the kiosk's own data let it through", async ({ open, server }) => {
  test.setTimeout(90_000);
  await readyOrders(server, ["9201"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await ownClock(page);
  const past = new Date(Date.now() - 20 * 60_000);
  const door = { ...kiosk.free(), saveDate: past.toISOString() };
  await takeRound(page, [1234]);
  await page.context().setOffline(true);
  await putClock(page, -20 * 60_000);
  await scan(page, kiosk.deposit(door, past), "9201");
  await putClock(page, 0);
  await online(page);
  await expect(page.getByTestId("unsent")).toContainText("The kiosk has not reported this deposit yet");
  expect(await stored(page, ["9201"])).toEqual([]);
  await page.context().setOffline(true);
  await scan(page, kiosk.sync([rowOf(door)]));
  await expect(page.getByTestId("unsent")).toContainText("Data of kiosk 1234");
  await online(page);
  await expect.poll(() => stored(page, ["9201"])).toEqual(["9201"]);
  await expect(banner(page)).toHaveCount(0);
});

test("two phones with one round: the second gets a card with both truths, and decides", async ({ open, server }) => {
  test.setTimeout(120_000);
  await readyOrders(server, ["9301"]);
  const kiosk = await Device.enrol(server, 1234);
  const phones = [await open("staff"), await open("otherStaff")] as const;
  const doors = free(kiosk, 2);
  for (const [at, page] of phones.entries()) {
    await takeRound(page, [1234]);
    await page.context().setOffline(true);
    await scan(page, kiosk.deposit(doors[at]!), "9301");
  }
  const [first, second] = phones;
  await first.context().setOffline(false);
  await expect.poll(() => stored(first, ["9301"])).toEqual(["9301"]);
  await second.context().setOffline(false);
  const card = second.getByTestId("conflicts").getByRole("listitem");
  await expect(card).toContainText("Deposit: 9301");
  await expect(card).toContainText(`${doors[0]!.label}`);
  await expectAccessible(second);
  await card.locator("[data-do=again]").click();
  await expect(card).toContainText("Stored");
  await second.reload();
  await expect(card).toHaveCount(1);
  await card.locator("summary").click();
  await card.locator("[data-do=discard]").click();
  await expect(second.getByTestId("conflicts")).toBeHidden();
  await expect(banner(second)).toHaveCount(0);
});

test("where the phone's storage is full it says so, and nothing that was recorded is dropped", async ({ open, server }) => {
  test.setTimeout(90_000);
  await readyOrders(server, ["9401", "9402"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await fillable(page);
  await takeRound(page, [1234]);
  const [one, two] = free(kiosk, 2).map((door) => kiosk.deposit(door));
  await page.context().setOffline(true);
  await scan(page, one!, "9401");
  const full = (is: boolean) => page.evaluate((on) => localStorage.setItem("test-full", on ? "1" : ""), is);
  await full(true);
  await scan(page, two!, "9402");
  await expect(page.getByTestId("told")).toContainText("storage is full");
  await expect(page.getByTestId("unsent").getByRole("listitem")).toHaveCount(1);
  await full(false);
  await scan(page, two!, "9402");
  await expect(page.getByTestId("told")).toContainText("Recorded on this device");
  await online(page);
  await expect.poll(() => stored(page, ["9401", "9402"])).toEqual(["9401", "9402"]);
});

test("an update of the pages during a round loses nothing", async ({ open, server }, info) => {
  test.setTimeout(120_000);
  const { newerBuild } = await import("../fixtures/newer");
  await readyOrders(server, ["9501", "9502"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await takeRound(page, [1234]);
  const sets = () => page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("offline-page-")));
  const [before] = await sets();
  const [one, two] = free(kiosk, 2).map((door) => kiosk.deposit(door));
  await page.context().setOffline(true);
  await scan(page, one!, "9501");
  await server.stopOnly();
  await info.attach("newer build", { body: "the same program with another version of its site" });
  await import("node:fs").then(({ mkdirSync }) => mkdirSync(info.outputDir, { recursive: true }));
  await server.startAgain(newerBuild(info.outputDir));
  await scan(page, two!, "9502");
  await online(page);
  await expect.poll(() => stored(page, ["9501", "9502"])).toEqual(["9501", "9502"]);
  await expect.poll(sets).not.toContain(before);
  await page.context().setOffline(true);
  await openUnsent(page);
  await scan(page, kiosk.sync([rowOf(kiosk.free(5))]));
  await expect(banner(page)).toContainText("1 not sent");
});

test("a code the scanner could not send may wait on the phone", async ({ open, server }) => {
  await readyOrders(server, ["9601"]);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await takeRound(page, [1234]);
  await page.goto("/staff/scan?order=9601");
  await page.locator("html[data-awake]").waitFor({ state: "attached" });
  const picture = await drawToken(page, kiosk.deposit());
  await page.context().setOffline(true);
  await expect(banner(page)).toContainText("No network since");
  await showPicture(page, picture);
  await page.getByTestId("later").click();
  await page.waitForURL(/\/unsent/);
  await expect(page.getByTestId("unsent")).toContainText("9601");
  await online(page);
  await expect.poll(() => stored(page, ["9601"])).toEqual(["9601"]);
});
