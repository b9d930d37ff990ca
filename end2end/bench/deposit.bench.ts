// How long staff wait for the machine during a deposit: an old phone (processor ÷ 4) on slow 4G, nothing in its cache.
import type { Page } from "@playwright/test";
import { showPicture, showToken } from "../fixtures/camera";
import { Counter } from "../fixtures/counter";
import { Device } from "../fixtures/device";
import { expect, test } from "../fixtures/test";
import { countPictures, picturesDuring } from "./decoder";
import { line } from "./report";

/** What Lighthouse calls slow 4G. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };
const CPU_DIVIDED_BY = 4;
const COLD_MS = 7_000;
/** Reads a list, an order and a button. */
const PERSON_MS = 7_000;

test("a deposit on an old phone and a slow line", async ({ open, server }) => {
  test.setTimeout(180_000);
  const kiosk = await Device.enrol(server, 1234);
  const page = await open("staff");
  await countPictures(page);
  await slow(page);
  const cold = await deposit(page, kiosk.deposit(kiosk.free(0)), async () => { await page.goto("/staff/scan", { waitUntil: "commit" }); });
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const parts = cold.parts.map(([name, ms]) => `${name} ${seconds(ms)} s`).join(", ");
  line("staff deposit, cold, slow 4G, processor ÷ 4", `≤ ${COLD_MS / 1000} s`, `${seconds(cold.total)} s (${parts})`, cold.total <= COLD_MS);
  line("  with a person", "≤ 14 s", `${seconds(cold.total + PERSON_MS)} s`, cold.total + PERSON_MS <= 14_000);

  const counter = new Counter(page);
  const next = await deposit(page, kiosk.deposit(kiosk.free(1)), () => counter.tap(page.getByTestId("next-deposit")));
  const { loads } = counter.take();
  line("  the next one", "0 loads", `${seconds(next.total)} s, ${loads} page loads`, loads === 0);
});

interface Waits { total: number; parts: [string, number][] }

/** One deposit, the code first; how long each wait for the machine was. */
async function deposit(page: Page, code: string, begin: () => Promise<void>): Promise<Waits> {
  const parts: [string, number][] = [];
  const wait = async (name: string, act: () => Promise<unknown>) => {
    const began = performance.now();
    await act();
    parts.push([name, performance.now() - began]);
  };
  const sheet = page.getByTestId("sheet");
  await wait("camera", async () => {
    await begin();
    await expect.poll(async () => (await picturesDuring(page, 50)).length, { intervals: [20] }).toBeGreaterThan(0);
  });
  await wait("customers", async () => {
    await showToken(page, code);
    await sheet.locator("[data-order]").first().waitFor();
  });
  await wait("order", async () => {
    await sheet.locator("[data-order]").first().click();
    await sheet.getByTestId("complete").waitFor();
  });
  await wait("done", async () => {
    await sheet.getByTestId("complete").click();
    await sheet.getByTestId("deposit-done").waitFor();
  });
  await showPicture(page, null);
  return { total: parts.reduce((sum, [, ms]) => sum + ms, 0), parts };
}

async function slow(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.clearBrowserCache");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: false });
  await devtools.send("Network.emulateNetworkConditions", SLOW_4G);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_DIVIDED_BY });
}
