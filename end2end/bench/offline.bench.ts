// A phone without network: how soon an installed page can be used, and how soon a round is sent once there is network.
import { Device } from "../fixtures/device";
import { banner, free, readyOrders, record, scan, stored, takeRound } from "../fixtures/round";
import { expect, test } from "../fixtures/test";
import { line, quantile } from "./report";

/** Starts of the page that are measured. */
const STARTS = 5;
const START_MS = 1_000;
const DEPOSITS = 50;
const SENT_MS = 5_000;

test("an installed page starts without network, on a processor that is four times slower", async ({ open, server }) => {
  test.setTimeout(120_000);
  await Device.enrol(server, 1234);
  const page = await open("staff");
  await takeRound(page, [1234, 1235]);
  await server.stopOnly();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const took: number[] = [];
  for (let at = 0; at < STARTS; at++) {
    await page.goto("about:blank");
    await page.goto("/staff", { waitUntil: "commit" });
    await page.locator("[data-filter-of]:visible").waitFor();
    took.push(await page.evaluate(() => performance.now()));
  }
  const middle = quantile(took, 0.5);
  line("installed page without network, processor ÷ 4", `≤ ${START_MS / 1000} s`, `${(middle / 1000).toFixed(2)} s`, middle <= START_MS);
  await server.startAgain();
});

test("a round of 50 deposits is sent once the network is back", async ({ open, server }) => {
  test.setTimeout(120_000);
  const numbers = Array.from({ length: DEPOSITS }, (_, at) => String(9_001 + at));
  await readyOrders(server, numbers);
  const kiosk = await Device.enrol(server, 1235);
  const page = await open("staff");
  await takeRound(page, [1235]);
  await page.context().setOffline(true);
  const codes = free(kiosk, DEPOSITS).map((door) => kiosk.deposit(door));
  await scan(page, codes[0]!, numbers[0]!);
  await record(page, numbers.map((order, at) => ({ order, code: codes[at]! })).slice(1));
  await expect(banner(page)).toContainText(`${DEPOSITS} not sent`);
  const returned = Date.now();
  await page.context().setOffline(false);
  await expect.poll(async () => (await stored(page, numbers)).length, { intervals: [100], timeout: 60_000 }).toBe(DEPOSITS);
  const took = Date.now() - returned;
  line(`${DEPOSITS} deposits sent after the network is back`, `≤ ${SENT_MS / 1000} s`, `${(took / 1000).toFixed(1)} s`, took <= SENT_MS);
});
